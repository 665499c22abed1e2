import type { Message } from '../chat-room.machine.js';

/** The page's elements. What users wrote comes in as text, never as HTML. */
export class View {
  readonly #messages = element('messages');
  /** By id, ascending: an event and a page of the history may bring the same message. */
  readonly #shown: { readonly id: number; readonly item: HTMLElement }[] = [];

  constructor(room: string) {
    element('room').textContent = `#${room}`;
    document.title = `#${room}`;
  }

  get oldestId(): number | undefined {
    return this.#shown[0]?.id;
  }

  onEnter(act: (name: string) => void): void {
    onSubmit('enter', 'name', act);
  }

  onSay(act: (text: string) => void): void {
    onSubmit('say', 'text', (text) => {
      input('text').value = '';
      act(text);
    });
  }

  onOlder(act: () => void): void {
    element('older').addEventListener('click', act);
  }

  showRoom(): void {
    element('enter').hidden = true;
    element('chat').hidden = false;
    input('text').focus();
  }

  showStatus(words: string, isLive: boolean): void {
    element('status').textContent = words;
    element('status').dataset['live'] = String(isLive);
  }

  showPresent(names: readonly string[]): void {
    element('present').replaceChildren(...names.map((name) => item(name)));
  }

  /** Puts it where it belongs, unless it is there. */
  showMessage({ author, id, text, time }: Message): void {
    let at = this.#shown.length;
    while (at > 0 && (this.#shown[at - 1]?.id ?? 0) > id) at--;
    if (this.#shown[at - 1]?.id === id) return;
    const line = item(text);
    const who = document.createElement('span');
    who.className = 'author';
    who.textContent = author;
    line.prepend(who);
    line.title = new Date(time).toLocaleString();
    this.#messages.insertBefore(line, this.#shown[at]?.item ?? null);
    this.#shown.splice(at, 0, { id, item: line });
    if (at === this.#shown.length - 1) line.scrollIntoView({ block: 'end' });
    this.showOlder();
  }

  /** Whether there may be messages that are not shown. */
  showOlder(): void {
    element('older').hidden = (this.oldestId ?? 1) <= 1;
  }

  /** A message on its way. @returns Changes what is said of it; nothing takes it away. */
  showUnsent(text: string): (problem: string | undefined) => void {
    const line = item(text);
    element('unsent').append(line);
    return (problem) => {
      if (problem === undefined) line.remove();
      else line.textContent = `${text} (${problem})`;
    };
  }
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

function input(id: string): HTMLInputElement {
  return element(id) as HTMLInputElement;
}

function item(text: string): HTMLLIElement {
  const line = document.createElement('li');
  line.textContent = text;
  return line;
}

function onSubmit(form: string, field: string, act: (value: string) => void): void {
  element(form).addEventListener('submit', (event) => {
    event.preventDefault();
    const value = input(field).value.trim();
    if (value !== '') act(value);
  });
}
