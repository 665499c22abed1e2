import type { Position } from './position.js';
import type { Definitions, TypeModel } from './type-model.js';

/** The words of Decoraft that make an operation of a member. */
export type DecoratorName = 'cmd' | 'qry' | 'sub' | 'rpc';

/** A class that is, or looks as if it should be, a state machine or a service. Plain data: what checks and emitters see. */
export type ClassModel = MachineModel | ServiceModel;

interface DecoratedClass {
  readonly name: string | undefined;
  /** Absolute path of the file that declares it. */
  readonly sourcePath: string;
  /** Where the source has the words of Decoraft from: what is generated takes its own from there as well. */
  readonly runtime: RuntimeModel;
  readonly position: Position;
  /** The name under which the file exports it; `default` for a default export. */
  readonly exportedName: string | undefined;
  readonly isGeneric: boolean;
  /** Whether it extends what its kind asks for. */
  readonly extendsBase: boolean;
  /** What of the classes above it could not be read. */
  readonly baseFault: BaseFaultModel | undefined;
  /** The JSDoc comment as written. */
  readonly documentation: string | undefined;
  /** In the order of the source: its own, then those of each class above it. */
  readonly members: readonly MemberModel[];
  readonly definitions: Definitions;
}

export interface BaseFaultModel {
  /** It could not be followed; or only declarations of it are there, which have no decorators. */
  readonly kind: 'unreadable' | 'compiled';
  /** Where the class says what it extends. */
  readonly position: Position;
  /** The expression that leads no further, or the name of the class. */
  readonly text: string;
  /** Public members of the compiled class that may be operations. */
  readonly members: readonly string[];
}

export interface MachineModel extends DecoratedClass {
  readonly kind: 'machine';
  readonly state: StateModel;
  /** What it has itself run later. */
  readonly schedules: readonly ScheduleModel[];
  readonly version: VersionModel;
  /** What its code does that is not the same on every replica, each place once. */
  readonly impurities: readonly ImpurityModel[];
  /** What its queries do to it. */
  readonly effects: readonly EffectModel[];
  /** Of its file, and of the functions elsewhere that its code leads to. */
  readonly allowances: readonly AllowanceModel[];
}

/** What a machine's state means, and how it becomes of what it meant before. */
export interface VersionModel {
  /** As declared by `static readonly version`; 1 where nothing is. */
  readonly declared: DeclaredVersion;
  /** The oldest that the class serves itself, by `static readonly oldestVersion`; 1 where nothing is said. */
  readonly oldest: number;
  readonly previous: PreviousModel | undefined;
  readonly migrate: HookModel | undefined;
}

export type DeclaredVersion =
  | { readonly kind: 'given'; readonly version: number }
  | { readonly kind: 'unreadable'; readonly text: string; readonly position: Position };

/** `previous()`: what gives the machine of the version before. */
export interface PreviousModel extends HookModel {
  /** The class of what it gives, where its type says one. */
  readonly machine: OlderMachine | undefined;
}

export interface OlderMachine {
  readonly name: string;
  readonly declared: DeclaredVersion;
  /** Of its file, absolute; `undefined` where that has declarations only: a package brings its own tables. */
  readonly sourcePath: string | undefined;
}

export interface ServiceModel extends DecoratedClass {
  readonly kind: 'service';
  /** Members that are decorated with @derived, which means nothing in a service. */
  readonly derived: readonly { readonly name: string; readonly position: Position }[];
}

/** The modules that generated code imports. */
export interface RuntimeModel {
  /** What machines are written with. */
  readonly machine: string;
  /** What services are written with. */
  readonly service: string;
  readonly client: string;
}

/** A call of `this.schedule(…)`. What is computed is `undefined`. */
export interface ScheduleModel {
  /** In whose body it stands. */
  readonly member: string;
  readonly position: Position;
  readonly delay: LiteralModel | undefined;
  readonly method: LiteralModel | undefined;
  /** Behind the name of the method, up to the first that is spread. */
  readonly args: readonly { readonly position: Position; readonly literal: LiteralModel | undefined }[];
  readonly hasSpread: boolean;
}

export interface LiteralModel {
  readonly value: string | number | boolean | null | undefined;
}

/** What snapshots of a machine take, and how. */
export interface StateModel {
  /** Methods that Decoraft calls by itself, most of them for snapshots: those that the class or one above it has. */
  readonly hooks: ReadonlyMap<HookName, HookModel>;
  /** What the names in the types of its fields stand for. */
  readonly definitions: Definitions;
  /** All fields of the instance but its events: its own, then those of each class above it. */
  readonly fields: readonly FieldModel[];
  /** Members that are decorated with @derived and are no fields of the instance, or are something else as well. */
  readonly strayDerived: readonly StrayDerivedModel[];
}

export type HookName = 'snapshot' | 'restore' | 'restored' | 'sessionEnded';

export interface HookModel {
  readonly position: Position;
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
}

export interface FieldModel {
  readonly name: string;
  readonly position: Position;
  /** As the lock keeps it; named types are those of the state, not of the class. `undefined` where it is no state. */
  readonly type: TypeModel | undefined;
  /** Whether it is only declared: it is not there before something is assigned to it. */
  readonly isDeclared: boolean;
  /** Whether nobody but the class can see it: `#name`, and `accessor name`, which is kept under such a name. */
  readonly isHidden: boolean;
  readonly isDerived: boolean;
  /** What it may hold that no snapshot can keep; the first that was found. */
  readonly fault: StateFaultModel | undefined;
}

export type StateFault = 'function' | 'symbol' | 'class' | 'promise' | 'library' | 'symbol-name';

export interface StateFaultModel {
  readonly fault: StateFault;
  /** How the compiler calls the type. */
  readonly text: string;
  /** What leads there from the field: `.entries[]`. */
  readonly steps: string;
}

export interface StrayDerivedModel {
  readonly name: string;
  readonly position: Position;
  /** What it is beside that: an operation, or no field. */
  readonly is: DecoratorName | 'no-field';
}

/** A machine that has passed the checks. */
export type NamedMachine = MachineModel & { readonly name: string };
export type NamedService = ServiceModel & { readonly name: string };
export type NamedClass = NamedMachine | NamedService;

/** What a member has that no operation may have, as far as the syntax shows it. */
export type MemberTrait =
  | 'private'
  | 'protected'
  | 'static'
  | 'abstract'
  | 'async'
  | 'generator'
  | 'generic'
  | 'overloaded'
  | 'computed-name';

export interface MemberModel {
  readonly name: string;
  readonly position: Position;
  readonly documentation: string | undefined;
  /** Decorators of Decoraft, in the order of the source; none for an event that nobody decorated. */
  readonly decorators: readonly DecoratorModel[];
  readonly form: MemberForm;
  readonly traits: readonly MemberTrait[];
  readonly parameters: readonly ParameterModel[];
  /** What a method returns, or the value of an event; of a stream, each of its items. */
  readonly result: TypeModel;
  /** Whether the method of a service gives one item after the other. */
  readonly isStream: boolean;
  readonly resultPosition: Position;
  /** What it declares that it throws, in the order of its comment. */
  readonly errors: readonly ErrorModel[];
}

export interface ErrorModel {
  readonly code: string | number;
  /** `undefined` where it has none. */
  readonly data: TypeModel | undefined;
  readonly isDataOptional: boolean;
  readonly position: Position;
}

/** An `unreadable-event` is `event(…)` without a function type. */
export type MemberForm = 'method' | 'event' | 'unreadable-event' | 'other';

export interface DecoratorModel {
  readonly name: DecoratorName;
  readonly position: Position;
  readonly consistency: OptionModel<string>;
  /** The name that the operation had first. */
  readonly was: OptionModel<string>;
  readonly retired: OptionModel<boolean>;
}

/** An option of a decorator. */
export type OptionModel<Value> =
  | { readonly kind: 'not-given' }
  | { readonly kind: 'given'; readonly value: Value }
  /** The options are no object literal with a literal in it. */
  | { readonly kind: 'unreadable'; readonly text: string };

export interface ParameterModel {
  readonly name: string;
  readonly position: Position;
  readonly type: TypeModel;
  readonly isOptional: boolean;
  /** Its type is that of one argument, not of the array. */
  readonly isRest: boolean;
  /** Whether its argument comes item by item; its type is that of an item. Of services only. */
  readonly isStream: boolean;
  readonly isDestructured: boolean;
}

/** What a query does that it must not. */
export interface EffectModel extends ReachedModel {
  readonly kind: 'assigns' | 'mutates' | 'calls-command' | 'notifies' | 'schedules';
}

/** In what way code may differ between replicas. */
export type ImpurityKind =
  | 'clock'
  | 'random'
  | 'timer'
  | 'io'
  | 'environment'
  | 'global'
  | 'await'
  | 'order'
  | 'float'
  | 'locale'
  | 'code';

export interface ImpurityModel extends ReachedModel {
  readonly kind: ImpurityKind;
}

/** An expression that the code of a machine leads to. */
export interface ReachedModel {
  /** The expression as written. */
  readonly text: string;
  readonly position: Position;
  /** From where it is reached. */
  readonly entry: EntryModel;
  /** The names that lead there, none where the expression stands in the entry itself. */
  readonly way: readonly StepModel[];
}

/** What Decoraft runs of a machine. */
export interface EntryModel {
  readonly role: 'command' | 'query' | 'hook' | 'constructor';
  readonly name: string;
}

export interface StepModel {
  /** `stamp()`, `new Clock()`, `LIMITS`. */
  readonly name: string;
  /** Where it is declared. */
  readonly position: Position;
}

/** A comment by which the author allows a line. */
export interface AllowanceModel {
  readonly codes: readonly string[];
  readonly reason: string;
  /** Of the comment. */
  readonly position: Position;
  /** Which line it allows. */
  readonly line: number;
}
