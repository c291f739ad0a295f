// https://v3.fal.media/files: writes and reads files. A file can be written in three ways: by a PUT to the URL of an announced
// upload, by parts, and by the path of fal's Python client, which sends a token.

import { toFollowableUrl } from '../http/address.ts'
import type { Authorizer } from '../http/authorizer.ts'
import type { EmulatorContext } from '../http/exchange.ts'
import { readBody } from '../http/read-body.ts'
import { refusal } from '../http/refusal.ts'
import type { TokenSigner } from '../http/token-signer.ts'
import { parseObject, toFields } from '../json.ts'
import type { FilePart, FileStore, StoredFile } from './file-store.ts'
import { readLifecycle, storageApp, toFilePath, toSafeName } from './storage.ts'

/** What the handler needs. */
export interface FilesOptions {
  readonly files: FileStore
  readonly tokenSigner: TokenSigner
  readonly authorizer: Authorizer
}

/** Creates the handler of the files' host. */
export function createFiles(
  options: FilesOptions,
): (context: EmulatorContext) => Promise<Response> | Response {
  const { files } = options
  return (context) => {
    const { address } = context.env
    const { method } = context.req
    if (method === 'POST' && address.path === '/files/upload') return upload(context, options)
    if (method === 'POST' && address.path === '/files/upload/multipart') {
      return announceParts(context, options)
    }
    const [, id = '', end = ''] = filePattern.exec(address.path) ?? []
    const file = files.find(id)
    if (!file) throw refusal(404, 'File not found')
    if (method === 'GET') return read(context, file)
    assertMayWrite(context, file, options)
    const [, part] = /\/(\d+)$/.exec(end) ?? []
    if (method === 'PUT' && end === '') return putWhole(context, file, options)
    if (method === 'PUT' && part) return putPart(context, file, Number(part), options)
    if (method === 'POST' && end.endsWith('/complete')) return complete(context, file, options)
    throw refusal(405, 'Method Not Allowed', { allow: 'GET, PUT' })
  }
}

/**
 * Matches the id, and what follows the name: the number of a part or `complete`, with `multipart/id` before it or not.
 */
const filePattern =
  /^\/files\/emulator\/([^/]+)\/[^/]+((?:\/multipart\/[^/]+)?(?:\/\d+|\/complete))?$/

function read({ env, req }: EmulatorContext, file: StoredFile): Response {
  const isOwner = req.header('authorization') !== undefined
  if (file.access === 'forbid' && !isOwner) throw refusal(403, 'Forbidden')
  if (!file.bytes || (file.access === 'hide' && !isOwner)) throw refusal(404, 'File not found')
  env.accept()
  // These are the bytes of a request, which are never in shared memory.
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': file.contentType, 'content-length': String(file.bytes.byteLength) },
  })
}

/** Checks the ticket of the URL, or else a token or a key. */
function assertMayWrite(
  context: EmulatorContext,
  file: StoredFile,
  { tokenSigner, authorizer }: FilesOptions,
): void {
  const ticket = context.env.address.query.get('ticket')
  if (ticket !== null && tokenSigner.allows(ticket, file.id)) return
  if (ticket !== null) throw refusal(403, 'The upload URL is not valid, or not any more')
  assertHasToken(context, tokenSigner, authorizer)
}

function assertHasToken(
  context: EmulatorContext,
  tokenSigner: TokenSigner,
  authorizer: Authorizer,
): void {
  const [, token = ''] = /^bearer (\S+)$/i.exec(context.req.header('authorization') ?? '') ?? []
  if (token !== '' && tokenSigner.allows(token, storageApp)) return
  authorizer.authorizeAccount(context)
}

async function putWhole(
  { env, req }: EmulatorContext,
  file: StoredFile,
  { files }: FilesOptions,
): Promise<Response> {
  const etag = files.put(file, await readBody(req.raw, files.maxBytes))
  env.accept()
  return new Response(null, { headers: { etag } })
}

/** The JavaScript client reads the ETag from the body, the Python client from the header. */
async function putPart(
  { env, req }: EmulatorContext,
  file: StoredFile,
  partNumber: number,
  { files }: FilesOptions,
): Promise<Response> {
  const etag = files.putPart(file, partNumber, await readBody(req.raw, files.maxBytes))
  env.accept()
  return Response.json({ partNumber, etag }, { headers: { etag } })
}

async function complete(
  { env, req }: EmulatorContext,
  file: StoredFile,
  { files }: FilesOptions,
): Promise<Response> {
  const list = new TextDecoder().decode(await readBody(req.raw, maxPartListBytes))
  const parts = readParts(parseObject(list)?.['parts'])
  if (!parts || !files.complete(file, parts)) {
    throw refusal(400, 'The list of parts does not fit what was uploaded')
  }
  env.accept()
  return Response.json({
    access_url: toFollowableUrl(env.address, 'v3.fal.media', toFilePath(file)),
  })
}

const maxPartListBytes = 1024 * 1024

function readParts(parts: unknown): readonly FilePart[] | undefined {
  if (!Array.isArray(parts)) return undefined
  const known = parts.map((part) => {
    const { partNumber, part_number, etag } = toFields(part)
    const number = partNumber ?? part_number
    return typeof number === 'number' && typeof etag === 'string' ? { number, etag } : undefined
  })
  const whole = known.filter((part) => part !== undefined)
  return whole.length === parts.length ? whole : undefined
}

/** The Python client's upload in one piece, with the name in a header. */
async function upload(context: EmulatorContext, options: FilesOptions): Promise<Response> {
  const { files } = options
  const file = announce(context, options)
  files.put(file, await readBody(context.req.raw, files.maxBytes))
  return Response.json({ access_url: toAccessUrl(context, file) })
}

/** The Python client's upload in parts. */
function announceParts(context: EmulatorContext, options: FilesOptions): Response {
  const file = announce(context, options)
  return Response.json({ access_url: toAccessUrl(context, file), uploadId: file.id })
}

function announce(
  context: EmulatorContext,
  { files, tokenSigner, authorizer }: FilesOptions,
): StoredFile {
  assertHasToken(context, tokenSigner, authorizer)
  const { req, env } = context
  env.accept()
  return files.announce({
    ...readLifecycle(context),
    id: env.requestId,
    name: toSafeName(req.header('x-fal-file-name') ?? ''),
    contentType: req.header('content-type') ?? 'application/octet-stream',
  })
}

function toAccessUrl({ env: { address } }: EmulatorContext, file: StoredFile): string {
  return toFollowableUrl(address, 'v3.fal.media', toFilePath(file))
}
