import { CONSISTENCIES } from '@decoraft/protocol';
import type { DecoratorModel, ClassModel, MemberForm, MemberModel, MemberTrait } from '../model.js';
import type { Position } from '../position.js';
import type { Finding } from '../problem.js';
import { whyReserved } from './reserved-names.js';

type Words = Pick<Finding, 'code' | 'message' | 'remedy'> & { readonly position?: Position };

/** What is wrong with a member itself; its types are looked at apart. */
export function checkMember({ kind, name = '' }: ClassModel, member: MemberModel): readonly Finding[] {
  const subject = `${name}.${member.name}`;
  const words = [
    ...checkDecorators(kind, member),
    ...checkTraits(kind, member),
    ...checkForm(kind, member),
    ...checkName(kind, member),
    ...checkParameters(member),
  ];
  return words.map((word) => ({ subject, ...word, position: word.position ?? member.position }));
}

/** Whether a member is sound enough for its types to be worth a word. */
export function hasReadableTypes(kind: ClassModel['kind'], member: MemberModel): boolean {
  const hides: readonly MemberTrait[] = ['static', 'generic', 'overloaded', 'computed-name'];
  const isCallable = member.form === 'method' || (member.form === 'event' && kind === 'machine');
  const isHidden = member.traits.some((trait) => hides.includes(trait));
  return isCallable && !isHidden && !isStrayGenerator(kind, member);
}

/** One in a machine, and one in a service that could not wait for its caller. */
function isStrayGenerator(kind: ClassModel['kind'], { traits }: MemberModel): boolean {
  return traits.includes('generator') && !(kind === 'service' && traits.includes('async'));
}

/** A promise is told of once: as an async method, not as a type that cannot be sent. */
export function isAsync(member: MemberModel): boolean {
  const { result } = member;
  const isPromise = result.kind === 'unsupported' && result.fault === 'promise';
  return member.form === 'method' && (member.traits.includes('async') || isPromise);
}

function checkDecorators(kind: ClassModel['kind'], { decorators }: MemberModel): readonly Words[] {
  const [first, second] = decorators;
  const words = [
    ...decorators.flatMap(checkConsistency),
    ...decorators.filter(({ name }) => (name === 'rpc') !== (kind === 'service')).map(misplaced),
  ];
  if (!first || !second) return words;
  const twice: Words = {
    code: 'decorated-twice',
    position: second.position,
    message: `is decorated with @${first.name} and with @${second.name}`,
    remedy: 'Keep one: @cmd changes the state, @qry reads it, @sub is an event, @rpc is of services.',
  };
  return [twice, ...words];
}

function misplaced({ name, position }: DecoratorModel): Words {
  const isRpc = name === 'rpc';
  return {
    code: 'decorator-misplaced',
    position,
    message: `is decorated with @${name}, which is for ${isRpc ? 'services' : 'machines'}`,
    remedy: isRpc
      ? 'Write @cmd or @qry; what is no part of the replicated state belongs in a class that extends RpcService.'
      : 'Write @rpc; what all nodes must agree on belongs in a class that extends StateMachine.',
  };
}

function checkConsistency({ consistency, position }: DecoratorModel): readonly Words[] {
  if (consistency.kind === 'not-given') return [];
  if (consistency.kind === 'given' && CONSISTENCIES.some((level) => level === consistency.value)) return [];
  return [
    {
      code: 'consistency-unreadable',
      position,
      message: `has options that the generator cannot read: ${consistency.kind === 'given' ? consistency.value : consistency.text}`,
      remedy: `Write one of ${CONSISTENCIES.map((level) => `{ consistency: '${level}' }`).join(', ')} there, in full.`,
    },
  ];
}

const TRAIT_WORDS: Readonly<Partial<Record<MemberTrait, Words>>> = {
  private: {
    code: 'member-not-public',
    message: 'is private, but every client may call it',
    remedy: 'Make it public, or take the decorator away.',
  },
  protected: {
    code: 'member-not-public',
    message: 'is protected, but every client may call it',
    remedy: 'Make it public, or take the decorator away.',
  },
  static: {
    code: 'member-static',
    message: 'is static, but operations belong to an instance',
    remedy: 'Take `static` away.',
  },
  abstract: {
    code: 'member-abstract',
    message: 'is abstract: there is nothing to run',
    remedy: 'Decorate the implementation.',
  },
  generator: {
    code: 'method-generator',
    message: 'is a generator, but an answer is one value',
    remedy: 'Return an array; to tell clients of one thing after the other, declare an event with @sub.',
  },
  generic: {
    code: 'method-generic',
    message: 'has type parameters, which do not exist at run time',
    remedy: 'Write the types that it takes; where they are several, a union of them.',
  },
  overloaded: {
    code: 'method-overloaded',
    message: 'has overloads, but a call is checked against one signature',
    remedy: 'Write one signature with unions and optional parameters, or several methods.',
  },
  'computed-name': {
    code: 'member-computed-name',
    message: 'has a computed name, which clients and logs could not rely on',
    remedy: 'Write the name out.',
  },
};

function checkTraits(kind: ClassModel['kind'], member: MemberModel): readonly Words[] {
  const told = member.traits.filter((trait) => trait !== 'generator' || isStrayGenerator(kind, member));
  const words = told.flatMap(
    (trait) => (kind === 'service' && SERVICE_WORDS[trait]) || (TRAIT_WORDS[trait] ?? []),
  );
  if (kind === 'service' || !isAsync(member)) return words;
  const isQuery = member.decorators.some(({ name }) => name === 'qry');
  return [
    ...words,
    {
      code: 'method-async',
      message: `is asynchronous, but a ${isQuery ? 'query' : 'command'} must be done when it returns`,
      remedy: 'Do the waiting in the client, before the call, and pass what came of it.',
    },
  ];
}

/** Where a service's word is another than a machine's. */
const SERVICE_WORDS: Readonly<Partial<Record<MemberTrait, Words>>> = {
  generator: {
    code: 'method-generator',
    message: 'is a generator that cannot wait for its caller',
    remedy: 'Write `async *`: each item is asked for when the caller has room for it.',
  },
};

function checkForm(owner: ClassModel['kind'], { form, decorators }: MemberModel): readonly Words[] {
  const kind = decorators[0]?.name;
  if (!kind && owner === 'service') {
    const message = 'holds an event, but events are of machines';
    const remedy = 'Give a stream: `@rpc async *changes(): AsyncGenerator<Change> { … }`.';
    return [{ code: 'decorator-misplaced', message, remedy }];
  }
  if (!kind) {
    const message = 'holds an event but is not decorated';
    return [{ code: 'event-undecorated', message, remedy: 'Put @sub before it.' }];
  }
  if (kind === 'sub') return checkEventForm(form);
  if (form === 'method') return [];
  const message = `is decorated with @${kind} but is no method`;
  return [{ code: 'method-expected', message, remedy: 'Write it as a method: `name(…) { … }`.' }];
}

function checkEventForm(form: MemberForm): readonly Words[] {
  if (form === 'event') return [];
  const remedy =
    'Write `@sub onChanged = event<(key: string) => Item>();`: parameters select, the result arrives.';
  if (form === 'unreadable-event') {
    return [{ code: 'event-without-signature', message: 'is an event without a function type', remedy }];
  }
  const message = 'is decorated with @sub but is not initialised with `event<…>()`';
  return [{ code: 'event-expected', message, remedy }];
}

function checkName(kind: ClassModel['kind'], { name }: MemberModel): readonly Words[] {
  const why = whyReserved(kind, name);
  if (!why) return [];
  return [
    {
      code: 'member-reserved-name',
      message: `cannot be called ${name}: ${why}`,
      remedy: 'Give it another name.',
    },
  ];
}

function checkParameters({ form, parameters }: MemberModel): readonly Words[] {
  const [, ...furtherStreams] = parameters.filter(({ isStream }) => isStream);
  const streams = furtherStreams.map(({ name, position }): Words => ({
    code: 'stream-parameter',
    position,
    message: `takes a second stream, ${name}`,
    remedy: 'One stream travels with a call: let its items be a union, or make it two methods.',
  }));
  const others = parameters.flatMap(({ name, position, isDestructured, isOptional, isRest, isStream }) => {
    const words: Words[] = [];
    if (isDestructured) {
      words.push({
        code: 'parameter-destructured',
        position,
        message: `has a parameter without a name, ${name}`,
        remedy: 'Name it, and take it apart in the body: clients show the name.',
      });
    }
    if (isStream && isOptional) {
      words.push({
        code: 'stream-parameter',
        position,
        message: `has a stream that may be left out, ${name}`,
        remedy: `Let it be given always: \`${name}: AsyncIterable<Item>\`; one without items is a stream, too.`,
      });
    }
    if (form === 'event' && (isOptional || isRest)) {
      words.push({
        code: 'event-parameter',
        position,
        message: `has ${isRest ? 'a rest parameter' : 'an optional parameter'}, ${name}, behind which a listener has no place`,
        remedy: `Let it be given always: \`${name}: ${isRest ? 'readonly Item[]' : 'Item | undefined'}\`.`,
      });
    }
    return words;
  });
  return [...streams, ...others];
}
