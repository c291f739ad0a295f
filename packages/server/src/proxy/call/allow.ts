// Decides which calls may pass, on the text of `x-fal-target-url` alone: no I/O, no secrets.
// Two parsers can read one URL differently (userinfo, ports, `..`, `%2f`, backslashes). So the text must match a grammar
// narrower than URL's own, and the URL that is sent to fal is built anew from the matched parts.
// Refused on purpose: /tokens/ (a token is a key), wss, runs by GET, fal's webhook parameter.

import type { Endpoint } from '@fal-llm/core/endpoints'

/** A call that may pass, as its parts. */
export type Call =
  | {
      readonly kind: 'generate'
      readonly method: 'POST'
      readonly host: 'fal.run' | 'queue.fal.run'
      readonly endpoint: string
      /** "owner/app", the part that all endpoints of an app share; fal's follow-up URLs name only this part. */
      readonly app: string
      /** Path and query, with the leading slash. */
      readonly path: string
    }
  | {
      readonly kind: 'follow'
      readonly method: 'GET' | 'PUT'
      readonly host: 'queue.fal.run'
      readonly app: string
      readonly requestId: string
      readonly action: '' | '/status' | '/status/stream' | '/cancel'
      readonly search: string
    }
  | {
      readonly kind: 'upload'
      readonly method: 'POST'
      readonly host: 'rest.fal.ai'
      readonly path: string
    }

/** Why a call may not pass. */
export interface Refusal {
  readonly kind: 'refused'
  readonly status: 400 | 403 | 404 | 405 | 412
  readonly detail: string
  /** The methods that are allowed, for a 405. */
  readonly allow?: string
}

/** Classifies a call by its method and the value of `x-fal-target-url`. Never throws, whatever the caller sent. */
export type AllowList = (method: string, target: string | null) => Call | Refusal

const maxTargetLength = 2_048
const targetGrammar =
  /^https:\/\/(fal\.run|queue\.fal\.run|rest\.fal\.ai)((?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)(?:\?([^#\s\\]*))?$/
const followGrammar = /^(.+?)\/requests\/([^/]+)(\/.*)?$/
const requestIdGrammar = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/
const endpointGrammar = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/
const uploadPaths = ['/storage/upload/initiate', '/storage/upload/initiate-multipart']

const followActions = {
  '': { method: 'GET', action: '' },
  '/response': { method: 'GET', action: '' },
  '/status': { method: 'GET', action: '/status' },
  '/status/stream': { method: 'GET', action: '/status/stream' },
  '/cancel': { method: 'PUT', action: '/cancel' },
} as const

/**
 * Creates the list of the calls that may pass.
 *
 * @throws TypeError for an entry that is no endpoint id: a pattern or a URL would match nothing.
 */
export function createAllowList(
  endpoints: readonly (string | Endpoint)[],
  registry: Readonly<Record<string, Endpoint>>,
  allowUploads: boolean,
): AllowList {
  const listed = new Map(endpoints.map((entry) => describe(entry, registry)))
  const apps = new Map(
    [...listed.keys()].flatMap((id) => [
      [id, toApp(id)],
      [toApp(id), toApp(id)],
    ]),
  )

  const classify = (target: Target): Call | Refusal => {
    if (target.host === 'rest.fal.ai') return classifyUpload(target, allowUploads)
    const follow = target.host === 'queue.fal.run' ? followGrammar.exec(target.path) : null
    if (follow) return classifyFollow(target, follow, apps)
    return classifyGenerate(target, target.host, listed)
  }

  return (method, rawTarget) => {
    if (!['GET', 'POST', 'PUT'].includes(method)) {
      return refusal(405, `${method} is not used by fal's clients`, 'GET, POST, PUT')
    }
    const target = parseTarget(rawTarget)
    if (target.kind === 'refused') return target
    const call = classify(target)
    if (call.kind === 'refused' || call.method === method) return call
    return refusal(405, `this target takes ${call.method}, not ${method}`, call.method)
  }
}

interface Support {
  readonly app: string
  readonly stream: boolean
  readonly queue: boolean
}

interface Target {
  readonly kind: 'target'
  readonly host: 'fal.run' | 'queue.fal.run' | 'rest.fal.ai'
  readonly path: string
  readonly query: string
}

function parseTarget(raw: string | null): Target | Refusal {
  if (raw === null || raw === '') {
    return refusal(
      400,
      'the header x-fal-target-url is missing; point a fal client here with its proxyUrl option',
    )
  }
  const match = raw.length <= maxTargetLength ? targetGrammar.exec(raw) : null
  if (!match) {
    return refusal(
      412,
      'x-fal-target-url must be a plain https URL of fal.run, queue.fal.run or rest.fal.ai: no port, user, "..", "//" or encoded characters in it',
    )
  }
  const [, host, path = '', query = ''] = match
  // The grammar matches no other host.
  return { kind: 'target', host: host as Target['host'], path, query }
}

function classifyUpload({ path, query }: Target, allowUploads: boolean): Call | Refusal {
  if (!uploadPaths.includes(path))
    return refusal(403, `rest.fal.ai${path} is not reachable through here`)
  if (!allowUploads) return refusal(403, 'uploads are switched off (allowUploads)')
  const search = allowedSearch(query, { storage_type: /^[a-z0-9-]{1,40}$/ })
  if (typeof search !== 'string') return search
  return { kind: 'upload', method: 'POST', host: 'rest.fal.ai', path: path + search }
}

function classifyFollow(
  { query }: Target,
  [, prefix = '', requestId = '', rest = '']: RegExpExecArray,
  apps: ReadonlyMap<string, string>,
): Call | Refusal {
  const app = apps.get(prefix.slice(1))
  if (app === undefined) return notListed(prefix.slice(1))
  if (!isFollowAction(rest))
    return refusal(404, 'a job has /status, /status/stream and /cancel, no more')
  if (!requestIdGrammar.test(requestId)) {
    return refusal(400, 'a request id has letters, digits, "-" and "_", at most 200')
  }
  const search = allowedSearch(query, { logs: /^(0|1|true|false)$/ })
  if (typeof search !== 'string') return search
  return { kind: 'follow', host: 'queue.fal.run', app, requestId, search, ...followActions[rest] }
}

function classifyGenerate(
  { path, query }: Target,
  host: 'fal.run' | 'queue.fal.run',
  listed: ReadonlyMap<string, Support>,
): Call | Refusal {
  const id = path.slice(1)
  const streamed = host === 'fal.run' && !listed.has(id) && id.endsWith('/stream')
  const endpoint = streamed ? id.slice(0, -'/stream'.length) : id
  const support = listed.get(endpoint)
  if (!support) return notListed(id)
  if (streamed && !support.stream) return refusal(403, `"${endpoint}" has no /stream`)
  if (host === 'queue.fal.run' && !support.queue) return refusal(403, `"${endpoint}" has no queue`)
  const names = host === 'queue.fal.run' ? { fal_max_queue_length: /^\d{1,9}$/ } : {}
  const search = allowedSearch(query, names)
  if (typeof search !== 'string') return search
  return {
    kind: 'generate',
    method: 'POST',
    host,
    endpoint,
    app: toApp(endpoint),
    path: path + search,
  }
}

function allowedSearch(query: string, names: Readonly<Record<string, RegExp>>): string | Refusal {
  if (query === '') return ''
  const given = [...new URLSearchParams(query)]
  for (const [name, value] of given) {
    if (name === 'fal_webhook') {
      return refusal(403, 'a webhook is chosen on the server (webhookUrl), not by the caller')
    }
    const grammar = Object.hasOwn(names, name) ? names[name] : undefined
    if (!grammar?.test(value) || given.filter(([other]) => other === name).length > 1) {
      return refusal(
        400,
        'a query parameter of x-fal-target-url is unknown here, doubled or malformed',
      )
    }
  }
  return `?${new URLSearchParams(given).toString()}`
}

function describe(
  entry: string | Endpoint,
  registry: Readonly<Record<string, Endpoint>>,
): [string, Support] {
  const id = typeof entry === 'string' ? entry : entry.id
  if (!endpointGrammar.test(id)) {
    throw new TypeError(
      `endpoints: "${id}" is no endpoint id; list ids one by one, as in "openrouter/router" (no patterns, no URLs)`,
    )
  }
  const known = typeof entry === 'string' ? registryEntry(registry, id) : entry
  const app = toApp(id)
  if (!known) return [id, { app, stream: true, queue: true }]
  // An OpenAI endpoint has no /stream path: a field of the body asks for a stream.
  return [
    id,
    {
      app,
      stream: known.kind === 'prompt' && known.supports.stream,
      queue: known.supports.queue,
    },
  ]
}

function registryEntry(
  registry: Readonly<Record<string, Endpoint>>,
  id: string,
): Endpoint | undefined {
  return Object.hasOwn(registry, id) ? registry[id] : undefined
}

function toApp(endpoint: string): string {
  const parts = endpoint.split('/')
  const isNamespaced = parts[0] === 'workflows' || parts[0] === 'comfy'
  return parts.slice(0, isNamespaced ? 3 : 2).join('/')
}

function isFollowAction(rest: string): rest is keyof typeof followActions {
  return Object.hasOwn(followActions, rest)
}

function notListed(id: string): Refusal {
  return refusal(403, `"${id}" is not among the endpoints this proxy serves (endpoints)`)
}

function refusal(status: Refusal['status'], detail: string, allow?: string): Refusal {
  return { kind: 'refused', status, detail, ...(allow !== undefined && { allow }) }
}
