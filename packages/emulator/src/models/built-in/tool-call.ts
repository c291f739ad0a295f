import { toFields, toList } from '../../json.ts'
import { makeFittingValue } from '../json/make-fitting-value.ts'
import type { ToolCallPiece } from '../model.ts'
import type { Question } from '../question.ts'
import { splitTokens } from '../tokens.ts'

/**
 * Plans a tool call: of the first tool, whenever tools are given, unless the last message is already a result. The
 * arguments come in fragments. Returns undefined for no call.
 */
export function planToolCall({ input }: Question): readonly ToolCallPiece[] | undefined {
  if (input['tool_choice'] === 'none' || lastRole(input['messages']) === 'tool') return undefined
  const [tool] = toList(input['tools'])
  const { name, parameters } = toFields(toFields(tool)['function'])
  if (typeof name !== 'string') return undefined
  const fragments = splitTokens(JSON.stringify(makeUpArguments(parameters)))
  return [
    { type: 'tool-call', index: 0, id: 'call_1', name, arguments: '' },
    ...fragments.map((text) => ({ type: 'tool-call' as const, index: 0, arguments: text })),
  ]
}

/** Arguments are an object, also where the schema has no type. */
function makeUpArguments(parameters: unknown): unknown {
  return makeFittingValue({ type: 'object', ...toFields(parameters) }, 'argument')
}

function lastRole(messages: unknown): unknown {
  return toFields(toList(messages).at(-1))['role']
}
