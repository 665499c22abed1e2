import { seededRandom } from '@decoraft/base';
import { nodeId, term } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import {
  type AdmissionAnswer,
  decideAdmission,
  decodeAdmissionAnswer,
  decodeQuestion,
  encodeAdmissionAnswer,
  encodeQuestion,
} from '../src/admission.js';

const DISK = 7;
const fresh: AdmissionAnswer = { kind: 'fresh', disk: 9 };
const untouched: AdmissionAnswer = { kind: 'begun', isUntouched: true, countedOn: 0 };
const touched: AdmissionAnswer = { kind: 'begun', isUntouched: false, countedOn: 0 };
const countsOnAsker: AdmissionAnswer = { kind: 'begun', isUntouched: false, countedOn: DISK };
const countsOnLostDisk: AdmissionAnswer = { kind: 'begun', isUntouched: true, countedOn: 5 };
const registered: AdmissionAnswer = { kind: 'registered', term: term(4) };
const refused: AdmissionAnswer = { kind: 'refused' };
const stranger: AdmissionAnswer = { kind: 'stranger' };

const decide = (size: number, answers: readonly AdmissionAnswer[]) =>
  decideAdmission(
    DISK,
    size,
    answers.map((answer, at) => ({ from: nodeId(`n${at}`), answer })),
  );

describe('a node with an empty disk', () => {
  it.each<[string, number, readonly AdmissionAnswer[]]>([
    ['is alone on the list', 1, []],
    ['finds all as fresh as itself', 3, [fresh, fresh]],
    ['finds a majority fresh, while one is away', 3, [fresh]],
    ['finds a majority fresh, while two of five are away', 5, [fresh, fresh]],
    ['was counted on by one that has begun', 3, [countsOnAsker]],
    ['finds all others untouched', 3, [untouched, untouched]],
    ['finds the other one untouched, of two', 2, [untouched]],
    ['finds so many of four untouched that the others elect nobody', 4, [untouched, fresh]],
    ['was registered by a leader', 3, [touched, registered]],
  ])('takes part when it %s', (_, size, answers) => {
    expect(decide(size, answers).kind).toBe('admitted');
  });

  it.each<[string, number, readonly AdmissionAnswer[]]>([
    ['nobody answers', 3, []],
    ['the only one that answers is too far behind to know its disk', 3, [untouched]],
    ['the only one that answers counted on a disk that it lost', 3, [countsOnLostDisk]],
    ['somebody has left the first term, and no leader is there', 3, [touched, fresh]],
    ['too few answer', 5, [fresh]],
    ['the others belong to another cluster', 3, [stranger, stranger]],
    ['half of four are untouched and away from the rest', 4, [untouched]],
  ])('waits while %s', (_, size, answers) => {
    expect(decide(size, answers).kind).toBe('undecided');
  });

  it('is refused when somebody knows another disk of it, whatever the rest says', () => {
    for (const rest of [fresh, untouched, registered, countsOnAsker]) {
      expect(decide(3, [rest, refused]).kind).toBe('refused');
    }
  });

  it('promises the leader that registered it not to vote for another in its term', () => {
    expect(decide(3, [touched, registered])).toMatchObject({ promise: { term: 4, vote: 'n1' } });
  });

  it('remembers on whom it counted, and only where it counted on them', () => {
    expect(decide(3, [fresh])).toEqual({ kind: 'admitted', countedOn: new Map([['n0', 9]]) });
    expect(decide(3, [countsOnAsker, fresh])).toMatchObject({ countedOn: new Map() });
  });
});

describe('however a cluster began', () => {
  it('nobody who lost one disk is admitted without a leader, once all had begun', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 20_000; round++) {
      const size = 2 + Math.floor(random() * 6);
      const majority = Math.floor(size / 2) + 1;
      // Somebody was elected with the help of the asker, whose disk is lost now: a majority has left the first term.
      const voters = majority - 1 + Math.floor(random() * (size - majority + 1));
      const others = Array.from({ length: size - 1 }, (_, at) =>
        at < voters ? touched : random() < 0.5 ? untouched : countsOnLostDisk,
      );
      const answers = others.filter(() => random() < 0.6);
      expect(decide(size, answers).kind).toBe('undecided');
    }
  });
});

describe('on the wire', () => {
  it.each([fresh, touched, countsOnAsker, registered, refused, stranger])(
    'an answer is read as it was written: %o',
    (answer) => {
      expect(decodeAdmissionAnswer(encodeAdmissionAnswer(answer))).toEqual(answer);
    },
  );

  it('a question is read as it was written, and nothing else is an answer', () => {
    const question = { id: 'a', disk: 3, cluster: 0xffff_ffff };
    expect(decodeQuestion(encodeQuestion(question))).toEqual(question);
    expect(() => decodeAdmissionAnswer(Uint8Array.of(9))).toThrow('InvalidArgument');
  });
});
