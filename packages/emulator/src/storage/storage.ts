// https://rest.fal.ai/storage: announces uploads. The bytes are sent to v3.fal.media.

import type { Clock } from '../clock.ts'
import { toFollowableUrl } from '../http/address.ts'
import type { EmulatorContext } from '../http/exchange.ts'
import { refusal } from '../http/refusal.ts'
import type { TokenSigner } from '../http/token-signer.ts'
import { parseObject, toFields } from '../json.ts'
import type { FileAccess, FileStore, StoredFile } from './file-store.ts'

const tokenLifetimeSeconds = 3600
/** The entry of an upload token in the place of an app. */
export const storageApp = 'storage'

/** Creates the handlers of rest.fal.ai/storage. */
export function createStorage(
  files: FileStore,
  tokenSigner: TokenSigner,
  clock: Clock,
): {
  readonly initiate: (context: EmulatorContext) => Response
  readonly makeToken: (context: EmulatorContext) => Response
} {
  return {
    /** Serves both kinds of upload: the URLs of the parts begin with the same URL. */
    initiate(context) {
      const { address, requestId, accept } = context.env
      const { content_type: contentType, file_name: name } = parseObject(context.env.body) ?? {}
      if (typeof name !== 'string' || typeof contentType !== 'string') {
        throw refusal(422, missing(typeof name === 'string' ? 'content_type' : 'file_name'))
      }
      accept()
      const file = files.announce({
        ...readLifecycle(context),
        id: requestId,
        name: toSafeName(name),
        contentType,
      })
      const path = toFilePath(file)
      const ticket = tokenSigner.sign([file.id], tokenLifetimeSeconds)
      return Response.json({
        upload_url: toFollowableUrl(address, 'v3.fal.media', `${path}?ticket=${ticket}`),
        file_url: toFollowableUrl(address, 'v3.fal.media', path),
      })
    },
    makeToken(context) {
      const { address, accept } = context.env
      accept()
      const token = tokenSigner.sign([storageApp], tokenLifetimeSeconds)
      return Response.json({
        token,
        token_type: 'Bearer',
        base_url: toFollowableUrl(address, 'v3.fal.media', ''),
        expires_at: new Date(clock.now() + tokenLifetimeSeconds * 1000).toISOString(),
      })
    },
  }
}

/** The path under which a file is read and written. */
export function toFilePath({ id, name }: Pick<StoredFile, 'id' | 'name'>): string {
  return `/files/emulator/${id}/${encodeURIComponent(name)}`
}

/** Reads the lifecycle header of an upload. Without one a file does not expire and anyone may read it. */
export function readLifecycle({ req }: EmulatorContext): {
  readonly lifetimeSeconds: number | undefined
  readonly access: FileAccess
} {
  const lifecycle = parseObject(req.header('x-fal-object-lifecycle') ?? '') ?? {}
  const { expiration_duration_seconds: seconds, initial_acl: acl } = lifecycle
  const access = toFields(acl)['default']
  return {
    lifetimeSeconds: typeof seconds === 'number' && seconds > 0 ? seconds : undefined,
    access: access === 'hide' || access === 'forbid' ? access : 'allow',
  }
}

/** Keeps the last part of a file name, without the characters that paths are made of. */
export function toSafeName(name: string): string {
  return (
    name
      .split(/[/\\]/)
      .at(-1)
      ?.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_') || 'file'
  )
}

function missing(field: string): object[] {
  return [{ type: 'missing', loc: ['body', field], msg: 'Field required', input: {} }]
}
