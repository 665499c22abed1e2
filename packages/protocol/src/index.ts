export type {
  Operation,
  OperationKind,
  OperationTable,
  ParameterSchema,
  PropertySchema,
  Schema,
  TupleElement,
} from './schema.js';
