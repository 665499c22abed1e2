import { compareText } from '@decoraft/base';
import { firstNameOf, idOf, isRetired } from '../lasting.js';
import type { DecoratorName, MemberModel, NamedClass } from '../model.js';
import type { TypeModel } from '../type-model.js';
import { partsOf } from '../type-parts.js';
import { Imports } from './imports.js';
import { group, type Layout, printLayout } from './layout.js';
import { markdownOf } from './markdown.js';
import { emitParameters, emitSignature } from './signature.js';
import { relativePath } from './specifiers.js';
import { TypeText } from './type-text.js';

/**
 * A reference of machines and services, in Markdown: what callers may rely on, and nothing of how it is done.
 *
 * @param path Where it will stand, absolute.
 */
export function emitReference(classes: readonly NamedClass[], path: string): string {
  const sorted = classes.toSorted((left, right) => compareText(left.name, right.name));
  const blocks = [
    '<!-- Written by `decoraft docs`. Do not edit. -->',
    '# Machines and services',
    ...sorted.flatMap((model) => new ClassReference(model, path).blocks()),
  ];
  return `${blocks.join('\n\n')}\n`;
}

const SECTIONS: readonly (readonly [DecoratorName, string])[] = [
  ['cmd', 'Commands'],
  ['qry', 'Queries'],
  ['sub', 'Events'],
  ['rpc', 'Methods'],
];

class ClassReference {
  readonly #model: NamedClass;
  readonly #path: string;
  readonly #types: TypeText;

  constructor(model: NamedClass, path: string) {
    this.#model = model;
    this.#path = path;
    this.#types = new TypeText(model.definitions, new Imports([]), path);
  }

  blocks(): readonly string[] {
    const { documentation, kind, members, name, sourcePath } = this.#model;
    const source = relativePath(this.#path, sourcePath);
    const version = this.#model.kind === 'machine' ? versionOf(this.#model.version.declared) : '';
    return [
      `## ${name}`,
      `${kind === 'machine' ? 'Machine' : 'Service'}${version}, declared in [${source}](${encodeURI(source)}).`,
      ...markdownOf(documentation),
      ...SECTIONS.flatMap(([decorator, title]) => {
        const own = members.filter((member) => kindOf(member) === decorator);
        return own.length === 0 ? [] : [`### ${title}`, ...own.flatMap((member) => this.#member(member))];
      }),
      ...this.#typeBlocks(),
    ];
  }

  #member(member: MemberModel): readonly string[] {
    const signature = emitSignature(
      member.name,
      emitParameters(member.parameters, this.#types),
      this.#result(member),
    );
    return [
      `#### ${member.name}`,
      codeBlock(signature),
      factsOf(member, this.#model.kind),
      ...markdownOf(member.documentation),
    ];
  }

  #result(member: MemberModel): Layout {
    if (member.isStream) return this.#types.emitReference('AsyncIterable', [member.result]);
    return group(this.#types.emit(member.result));
  }

  /** What stands in signatures by its name, and what that is made of. */
  #typeBlocks(): readonly string[] {
    const found = new Map<string, string>();
    const follow = (type: TypeModel): void => {
      const key = type.kind === 'named' || type.kind === 'enum-member' ? type.definition : undefined;
      const definition = key === undefined ? undefined : this.#model.definitions.get(key);
      if (type.kind === 'named' && definition && definition.origin.kind !== 'not-exported') {
        const text = printLayout(this.#types.emit(type));
        if (found.has(text)) return;
        const { structure } = definition;
        const shown: Layout =
          structure.kind === 'brand' ? this.#types.emit(structure.primitive) : this.#types.emit(structure);
        found.set(text, codeBlock(['type ', text, ' = ', shown]));
      }
      if (definition) follow(definition.structure);
      for (const part of partsOf(type)) follow(part.type);
    };
    for (const member of this.#model.members) {
      for (const { type } of member.parameters) follow(type);
      follow(member.result);
    }
    const sorted = [...found].toSorted(([left], [right]) => compareText(left, right));
    return sorted.length === 0 ? [] : ['### Types', ...sorted.map(([, block]) => block)];
  }
}

function codeBlock(layout: Layout): string {
  return ['```ts', printLayout(layout), '```'].join('\n');
}

function versionOf(declared: { readonly kind: string; readonly version?: number }): string {
  return declared.version === undefined ? '' : ` of version ${declared.version}`;
}

function kindOf({ decorators }: MemberModel): DecoratorName {
  return decorators[0]?.name ?? 'sub';
}

/** In a line: what it is, how fresh it is, what it was called, by which id logs and callers know it. */
function factsOf(member: MemberModel, owner: NamedClass['kind']): string {
  const first = firstNameOf(member);
  const consistency = member.decorators[0]?.consistency;
  const facts = [
    ...(isRetired(member) ? ['retired: replayed from old logs, refused to callers'] : []),
    ...(consistency?.kind === 'given' ? [`at least ${consistency.value}`] : []),
    ...(first === member.name ? [] : [`first called \`${first}\``]),
    `id ${idOf(member)}`,
  ];
  const what = WORDS[kindOf(member)];
  return `${owner === 'machine' ? what : 'Runs on the node that is asked'}; ${facts.join('; ')}.`;
}

const WORDS: Readonly<Record<DecoratorName, string>> = {
  cmd: 'Changes the state',
  qry: 'Reads the state',
  sub: 'Parameters select, the value arrives',
  rpc: '',
};
