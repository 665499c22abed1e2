/**
 * What is compared of a script's output. Left out: what etcd's core only logs, but for configurations; whether a ready
 * must be synced; what the threads of one server say to each other; the commit index in answers and of a peer's
 * progress, which came later there and decide nothing here; that a change of one member has two formats there.
 */
export function comparable(output: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let isFromThread = false;
  for (const raw of joined(output)) {
    if (raw.startsWith('> ')) isFromThread = false;
    // The same messages follow, as those that a thread sends.
    if (raw === 'Processing:') isFromThread = true;
    if (raw === 'Responses:') isFromThread = false;
    if (!isFromThread && !isLeftOut(raw)) lines.push(tidied(raw));
  }
  return byReceiver(lines).filter((line, at, all) => !isEmptyHeading(line, all[at + 1]));
}

/** In what order one server writes to several others means nothing, and is not the same everywhere. */
function byReceiver(lines: readonly string[]): readonly string[] {
  const sorted: string[] = [];
  let run: string[] = [];
  const receiverOf = (line: string): number => Number(line.slice(line.indexOf('>') + 1).split(' ')[0]);
  const senderOf = (line: string | undefined): string | undefined => /^(\d+)->\d/.exec(line ?? '')?.[1];
  for (const line of [...lines, '']) {
    const sender = senderOf(line);
    if (sender === undefined || sender !== senderOf(run[0])) {
      sorted.push(...run.toSorted((left, right) => receiverOf(left) - receiverOf(right)));
      run = [];
    }
    if (sender === undefined) sorted.push(line);
    else run.push(line);
  }
  return sorted.slice(0, -1);
}

/** Lists over several lines become one line. */
function joined(output: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let depth = 0;
  for (const raw of output) {
    const line = raw.trim();
    const last = lines.at(-1) ?? '';
    if (depth > 0) lines[lines.length - 1] = last + (last.endsWith('[') || line === ']' ? '' : ', ') + line;
    else if (line.startsWith('Snapshot: ')) lines[lines.length - 1] = `${last} ${line}`;
    else lines.push(line);
    depth = Math.max(0, depth + line.split('[').length - line.split(']').length);
    if (/^(INFO|DEBUG|WARN|ERROR|FATAL) /.test(line)) depth = 0;
  }
  return lines;
}

function isLeftOut(line: string): boolean {
  if (/^(INFO|DEBUG|WARN|ERROR|FATAL) /.test(line)) return !line.includes('switched to configuration');
  if (/^(Ready MustSync|Messages:|Responses:|Processing:|<empty Ready>|ok\b|raft: cannot step)/.test(line))
    return true;
  if (/^(Append|Apply)Thread->|->(Append|Apply)Thread /.test(line)) return true;
  const link = /^(\d+)->(\d+) /.exec(line);
  return link !== null && link[1] === link[2];
}

function tidied(line: string): string {
  return line
    .replace(/^DEBUG /, '')
    .replaceAll('EntryConfChangeV2', 'EntryConfChange')
    .replace(/^(.*(?:MsgAppResp|MsgHeartbeatResp).*?) Commit:\d+$/, '$1')
    .replace(/ commit=\d+/, '')
    .replace('[full]', '');
}

function isEmptyHeading(line: string, next: string | undefined): boolean {
  return line.startsWith('> ') && (next === undefined || next.startsWith('> '));
}

/** A block that was run: its commands, and what was said to them. */
export interface Said {
  readonly commands: readonly string[];
  readonly lines: readonly string[];
}

/** What a script leaves behind: the last role, hard state and configuration of every server, by server and kind. */
export function endOf(blocks: readonly Said[]): Readonly<Record<string, string>> {
  const end: Record<string, string> = {};
  for (const { commands, lines } of blocks) {
    let node = commands.at(-1)?.split(' ')[1] ?? '';
    for (const line of lines) {
      node = /^> (\d+) /.exec(line)?.[1] ?? node;
      if (line.startsWith('Lead:')) end[`${node} role`] = line;
      if (line.startsWith('HardState ')) end[`${node} hard state`] = line;
      const [, member = '', configuration = ''] = /^INFO (\d+) switched to (.*)$/.exec(line) ?? [];
      if (member !== '') end[`${member} configuration`] = configuration;
    }
  }
  return end;
}
