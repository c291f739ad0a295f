/** JSON's types, integers told from other numbers as JSON Schema does. */
export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'

/**
 * The part of JSON Schema (draft 2020-12) that describes what fal accepts.
 * One document serves twice: `checkValue` checks values against it, `toJsonSchema` hands it out.
 */
export interface SchemaNode {
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  /** Absent: anything JSON carries. With "null": an optional field without a default, which Pydantic lets be null. */
  readonly type?: JsonType | readonly [JsonType, 'null']
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: SchemaNode
  readonly minItems?: number
  /** Fields that are not listed pass through, as in Pydantic's models. */
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  /** The branches differ in `type`. */
  readonly anyOf?: readonly SchemaNode[]
  /** `then` adds `properties` and `required` where the object satisfies `if`. */
  readonly allOf?: readonly { readonly if: SchemaNode; readonly then: SchemaNode }[]
}
