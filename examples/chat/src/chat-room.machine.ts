import { cmd, DecoraftError, event, qry, type SessionId, StateMachine, sub } from 'decoraft';

export interface Message {
  /** Counts the messages of a room from 1. */
  readonly id: number;
  readonly author: string;
  readonly text: string;
  /** Of the log, in milliseconds since 1970. */
  readonly time: number;
}

const MAX_NAME_LENGTH = 40;
const MAX_TEXT_LENGTH = 2_000;
/** Of one page of the history. */
const MAX_PAGE = 100;
/** Of a room; older ones are forgotten. */
const MAX_MESSAGES = 10_000;

/** Rooms with what was said in them, and who is there. */
export class ChatRoom extends StateMachine {
  private readonly messages = new Map<string, Message[]>();
  /** Who is in a room, by the session of the client: whose session ends has left. */
  private readonly people = new Map<string, Map<SessionId, string>>();

  @sub onMessage = event<(room: string) => Message>();

  /** The names of all who are in a room now, whenever that has changed. */
  @sub onPresence = event<(room: string) => readonly string[]>();

  /** Enters a room under a name, or changes the name. Gives the names of all who are there. */
  @cmd join(room: string, name: string): readonly string[] {
    checkText('room', room, MAX_NAME_LENGTH);
    checkText('name', name, MAX_NAME_LENGTH);
    const inRoom = this.people.get(room) ?? new Map<SessionId, string>();
    this.people.set(room, inRoom.set(this.client(), name));
    return this.tellWhoIsThere(room);
  }

  /** Gives whether the client was there. */
  @cmd leave(room: string): boolean {
    return this.remove(room, this.client());
  }

  /** Says something where the client has joined. Gives the message's id. */
  @cmd say(room: string, text: string): number {
    checkText('text', text, MAX_TEXT_LENGTH);
    const author = this.people.get(room)?.get(this.client());
    if (author === undefined)
      throw new DecoraftError('CommandRejected', `join ${room} before you say something`);
    const messages = this.messages.get(room) ?? [];
    const message = { id: (messages.at(-1)?.id ?? 0) + 1, author, text, time: this.context.time };
    messages.push(message);
    if (messages.length > MAX_MESSAGES) messages.shift();
    this.messages.set(room, messages);
    this.onMessage(room).notify(message);
    return message.id;
  }

  /** The last messages of a room that are older than `before`, or the newest ones; the oldest of them first. */
  @qry history(room: string, count: number, before?: number): readonly Message[] {
    const messages = this.messages.get(room) ?? [];
    // Ids follow each other without a gap.
    const end = before === undefined ? messages.length : before - (messages[0]?.id ?? 1);
    const first = end - Math.min(count, MAX_PAGE);
    return messages.slice(Math.max(0, first), Math.max(0, end));
  }

  @qry present(room: string): readonly string[] {
    return [...(this.people.get(room)?.values() ?? [])].toSorted();
  }

  @qry rooms(): readonly string[] {
    return [...this.messages.keys()].toSorted();
  }

  /** A page was closed, or is cut off: whoever was behind it is gone. */
  override sessionEnded(session: SessionId): void {
    for (const room of this.people.keys()) this.remove(room, session);
  }

  private remove(room: string, session: SessionId): boolean {
    const inRoom = this.people.get(room);
    if (!inRoom?.delete(session)) return false;
    if (inRoom.size === 0) this.people.delete(room);
    this.tellWhoIsThere(room);
    return true;
  }

  private tellWhoIsThere(room: string): readonly string[] {
    const names = this.present(room);
    this.onPresence(room).notify(names);
    return names;
  }

  /** The session of the client who called: there is one for every command that a client sends. */
  private client(): SessionId {
    const { session } = this.context;
    if (session === undefined) throw new DecoraftError('CommandRejected', 'only clients come and go');
    return session;
  }
}

function checkText(what: string, text: string, maxLength: number): void {
  if (text.trim() !== '' && text.length <= maxLength) return;
  throw new DecoraftError(
    'CommandRejected',
    `a ${what} has 1 to ${maxLength} characters, not ${text.length}`,
  );
}
