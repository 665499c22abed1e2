import { World } from './world.js';

/**
 * Runs a script and writes it anew with the trace that it really has. A script is blocks of commands, `---`, and the
 * expected trace, with an empty line behind each; `#` begins a comment. First what there is:
 *
 *     cluster a b c [learners d …] [spares e …] [option=value …]   voters, learners, servers that are no members yet;
 *                                           options of the core: numbers, on, off, words
 *     own a option=value …                  options of one server
 *     disk a log=1,1,2 term=2 vote=b commit=1 snapshot=2/1 members=a,b   what a's disk holds; the log by terms, behind
 *                                           a term a change: `log=1,1{add-voter.d}`; behind the snapshot, if any
 *
 * What happens:
 *
 *     campaign a | tick a [times] | propose a x y … | read a context
 *     change a [joint-implicit | joint-explicit] add-voter d remove b …   or `change a leave`
 *     transfer a b | forget-leader a | paused a      a is told: b should lead; to forget; that it stood still
 *     rest a b c | wake a                   b, c and a rest where a, their leader, may; a rests no more
 *     unreachable a b | report a b finished          a is told that b is not reached; what became of b's snapshot
 *     snapshot a [5] | compact a [5]        a takes a snapshot of what it applied (up to 5); drops entries up to 5,
 *                                           or takes a snapshot and drops what it has
 *     ready a                               takes a ready: what it says and sends at once
 *     write a                               a's oldest write is durable: what it sends then
 *     apply a                               with asynchronous storage writes: a's oldest entries are applied
 *     deliver [a->b | a-> | ->b] [kind] [n] those in flight that match, the first n, in order; `drop` and `duplicate`
 *                                           likewise
 *     overtake [a->b] [kind]                the last one in flight that matches goes before all others
 *     inject a->b kind [name=value …]       a message that nobody sent, written as in a trace
 *     crash a [writes]                      a loses what is not durable; so many writes still reached the disk
 *     restart a [option=value …]            a finishes its writes, stops, and starts with other options
 *     settle [without c b->d …]             everybody works, all is delivered, until nothing is left; but for what c
 *                                           would send or receive, and what b would send to d
 *     elect a                               campaign and settle, without the trace
 *     quietly …                             any command without the trace
 *
 * And what is: `status`, `log`, `members` of all or some, `progress a`, `flight`.
 */
export function runScript(script: string): string {
  const world = new World();
  const written: string[] = [];
  let output: string[] | undefined;
  let trace: string[] = [];
  for (const line of `${script.trimEnd()}\n`.split('\n')) {
    if (output !== undefined) {
      // The old trace is left out; an empty line ends it.
      if (line !== '') continue;
      written.push(...output, '');
      output = undefined;
    } else if (line === '---') {
      written.push(line);
      output = trace.length > 0 ? trace : ['nothing'];
      trace = [];
    } else {
      if (line !== '' && !line.startsWith('#')) trace.push(...world.run(line.split(' ')));
      written.push(line);
    }
  }
  if (trace.length > 0) throw new Error('the last commands have no trace: --- is missing');
  return `${written.join('\n').trimEnd()}\n`;
}
