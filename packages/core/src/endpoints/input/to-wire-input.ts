import { FalLlmError } from '../../errors.ts'
import type { Endpoint } from '../endpoint.ts'
import { isList } from '../validate/is-list.ts'
import type { ContentPart, ModelMessage } from '../model-message.ts'
import { endpoints } from '../registry.ts'

/** What to ask, before it takes an endpoint's shape. Give `prompt` or `messages`, not both. */
export interface WireRequest {
  readonly prompt?: string | undefined
  readonly messages?: readonly ModelMessage[] | undefined
  /** Comes before the system messages among `messages`. */
  readonly system?: string | undefined
  /** Default: the endpoint's own. */
  readonly model?: string | undefined
  /** URLs or data URIs; they belong to the last user turn. */
  readonly imageUrls?: readonly string[] | undefined
  /** camelCase or as on the wire. What is named above wins over a parameter of the same name. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** Matters to messages endpoints only, where it is a field of the body. */
  readonly stream?: boolean | undefined
}

/**
 * Shapes a request as the endpoint's wire input; what it leaves out keeps fal's default.
 * It moves values without judging them: `validateInput` does that.
 *
 * @throws FalLlmError `invalid-input` for both or neither of prompt and messages, and for what cannot be moved;
 * `unsupported` for images where none are looked at and for a conversation where one prompt is taken.
 */
export function toWireInput(endpoint: Endpoint, request: WireRequest): Record<string, unknown> {
  const turns = readTurns(endpoint, request)
  const { model, stream } = request
  const named =
    endpoint.kind === 'prompt'
      ? { ...toPromptFields(endpoint, turns), model }
      : { model, messages: turns.map(toWireMessage), stream }
  const entries: [string, unknown][] = Object.entries(named)
  const wire = new Map(entries.filter(([, value]) => value !== undefined))
  for (const [name, value] of toWireParams(endpoint, request.params ?? {})) {
    if (value !== undefined && !wire.has(name)) wire.set(name, value)
  }
  // Where images are looked at, the list is required even when there is nothing to look at.
  const wantsImages = endpoint.kind === 'prompt' && endpoint.supports.images
  return { ...(wantsImages && { image_urls: [] }), ...Object.fromEntries(wire) }
}

/** The whole request as turns: system first, the images in the last user turn. */
function readTurns(endpoint: Endpoint, request: WireRequest): readonly ModelMessage[] {
  const { prompt, messages, system, imageUrls = [] } = request
  if (prompt !== undefined && messages !== undefined) {
    throw invalidInput('body.prompt', 'cannot stand beside messages: give one of the two')
  }
  const given = prompt === undefined ? messages : [{ role: 'user', content: prompt } as const]
  if (given === undefined) throw invalidInput('body.prompt', 'is required, or messages')
  if (!isList(given) || !given.every((turn: unknown) => typeof turn === 'object' && turn)) {
    throw invalidInput('body.messages', 'must be a list of { role, content }')
  }
  if (!isList(imageUrls)) throw invalidInput('body.image_urls', 'must be a list of URLs')
  const turns = withImages(given, imageUrls)
  if (!endpoint.supports.images && turns.some(({ content }) => imagesOf(content).length > 0)) {
    const looks = ({ kind, supports }: Endpoint): boolean =>
      kind === endpoint.kind && supports.images
    throw unsupported(endpoint, 'does not look at images', looks)
  }
  return system === undefined ? turns : [{ role: 'system', content: system }, ...turns]
}

function withImages(
  turns: readonly ModelMessage[],
  urls: readonly string[],
): readonly ModelMessage[] {
  if (urls.length === 0) return turns
  const found = turns.findLastIndex(({ role }) => role === 'user')
  const index = found < 0 ? turns.length : found
  const last = turns[index] ?? { role: 'user', content: [] }
  const images = urls.map((url) => ({ type: 'image', url }) as const)
  const turn = { ...last, content: [...partsOf(last.content), ...images] }
  return [...turns.slice(0, index), turn, ...turns.slice(index + 1)]
}

function toPromptFields(endpoint: Endpoint, turns: readonly ModelMessage[]): object {
  const systems = turns
    .filter(({ role }) => role === 'system')
    .map(({ content }) => textOf(content))
  const [turn, ...others] = turns.filter(({ role }) => role !== 'system')
  if (!turn) throw invalidInput('body.messages', 'has no user turn')
  if (turn.role !== 'user' || others.length > 0) {
    const takesTurns = ({ kind }: Endpoint): boolean => kind === 'messages'
    throw unsupported(endpoint, 'takes one prompt, not a conversation', takesTurns)
  }
  const images = imagesOf(turn.content)
  return {
    prompt: textOf(turn.content),
    system_prompt: systems.length > 1 ? systems.join('\n\n') : systems[0],
    image_urls: images.length > 0 ? images : undefined,
  }
}

function toWireMessage(turn: ModelMessage): object {
  if (!isList(turn.content)) return turn
  const content = turn.content.map((part) =>
    part?.type === 'image' ? { type: 'image_url', image_url: { url: part.url } } : part,
  )
  return { ...turn, content }
}

function partsOf(content: ModelMessage['content']): readonly ContentPart[] {
  return isList(content) ? content : [{ type: 'text', text: content }]
}

function imagesOf(content: ModelMessage['content']): readonly string[] {
  return partsOf(content).flatMap((part) => (part?.type === 'image' ? [part.url] : []))
}

/** A single text stays what it is, a wrong type too: `validateInput` names it. */
function textOf(content: ModelMessage['content']): unknown {
  const texts = partsOf(content).flatMap((part) => (part?.type === 'text' ? [part.text] : []))
  return texts.length === 1 ? texts[0] : texts.join('\n')
}

function toWireParams(
  endpoint: Endpoint,
  params: Readonly<Record<string, unknown>>,
): [string, unknown][] {
  return Object.keys(params).map((key) => {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const value = readParam(params, key, name)
    // OpenRouter's OpenAI-shaped `reasoning` is an object; everywhere else a boolean does.
    const asObject = name === 'reasoning' && endpoint.kind === 'messages'
    return [name, asObject && typeof value === 'boolean' ? { enabled: value } : value]
  })
}

function readParam(params: Readonly<Record<string, unknown>>, key: string, name: string): unknown {
  try {
    return params[key]
  } catch {
    throw invalidInput(`body.${name}`, 'could not be read: its getter threw')
  }
}

function invalidInput(path: string, message: string): FalLlmError {
  const issues = [{ path, message, type: 'value_error' }]
  return new FalLlmError('invalid-input', `${path}: ${message}`, { issues })
}

/** Says what the endpoint cannot do and which one can. */
function unsupported(
  endpoint: Endpoint,
  what: string,
  can: (other: Endpoint) => boolean,
): FalLlmError {
  const other = Object.values(endpoints).find(can)
  const message = `"${endpoint.id}" ${what}. Use "${other?.id}".`
  return new FalLlmError('unsupported', message, { endpoint: endpoint.id })
}
