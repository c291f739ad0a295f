/** A call to fal, as far as its end is concerned. */
export interface Line {
  readonly signal: AbortSignal
  /** Ends the call to fal. */
  stop(): void
  /** Sets what else ends with the call. */
  onStop(end: () => void): void
  /** A byte came. */
  heard(): void
  isStopped(): boolean
  /** The idle time-out was what ended it. */
  isIdle(): boolean
  /** The answer is over: nothing is watched any more. */
  close(): void
}

/** Opens the line of one call: it ends when the caller leaves, or after `idleTimeoutMs` of silence (0: never). */
export function openLine(caller: AbortSignal, idleTimeoutMs: number): Line {
  const controller = new AbortController()
  let heardAt = Date.now()
  let idle = false
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let end = (): void => {}

  const close = (): void => {
    clearTimeout(timer)
    caller.removeEventListener('abort', stop)
  }
  const stop = (): void => {
    stopped = true
    close()
    controller.abort()
    end()
  }
  // One timer for the whole call: re-arming it at every byte would cost more than the byte.
  const watch = (waitMs: number): void => {
    timer = setTimeout(() => {
      const leftMs = heardAt + idleTimeoutMs - Date.now()
      if (leftMs > 0) return watch(leftMs)
      idle = true
      stop()
    }, waitMs)
  }

  caller.addEventListener('abort', stop)
  if (caller.aborted) stop()
  else if (idleTimeoutMs > 0) watch(idleTimeoutMs)
  return {
    signal: controller.signal,
    stop,
    onStop: (also) => void (end = also),
    heard: () => void (heardAt = Date.now()),
    isStopped: () => stopped,
    isIdle: () => idle,
    close,
  }
}
