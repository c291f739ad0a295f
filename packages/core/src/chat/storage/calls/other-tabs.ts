/** Hears and says that a conversation changed in another page. Nothing of its content is said. */
export interface OtherTabs {
  tell(): void
  close(): void
}

/** Listens where there is a document; elsewhere it does nothing. `isKey` knows the conversation's keys. Never throws. */
export function listenToOtherTabs(
  name: string,
  isKey: (key: unknown) => boolean,
  onChange: () => void,
): OtherTabs {
  if (globalThis.document === undefined) return { tell() {}, close() {} }
  let channel = hasChannels() ? new BroadcastChannel(name) : undefined
  channel?.addEventListener('message', () => onChange())
  // localStorage says it by itself, to pages without a channel too.
  const onStorage = (event: Event): void => {
    if ('key' in event && isKey(event.key)) onChange()
  }
  globalThis.addEventListener?.('storage', onStorage)
  return {
    tell() {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
      if (channel) channel.postMessage('changed')
      else tellOtherTabs(name)
    },
    close() {
      channel?.close()
      channel = undefined
      globalThis.removeEventListener?.('storage', onStorage)
    },
  }
}

/** Says that a conversation changed, where nobody listens. Never throws. */
export function tellOtherTabs(name: string): void {
  if (!hasChannels()) return
  const channel = new BroadcastChannel(name)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
  channel.postMessage('changed')
  channel.close()
}

/** Node's channels keep a process alive, and reach no other. */
function hasChannels(): boolean {
  return globalThis.document !== undefined && typeof BroadcastChannel === 'function'
}
