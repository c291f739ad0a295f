/** How near the end, in pixels, a reader has arrived there. */
const tolerance = 32

/**
 * Keeps the end of a growing conversation in view until its reader scrolls up; a new message brings it back.
 * The scroller's first child holds the messages. Returns how to stop.
 */
export function stickToEnd(scroller: HTMLElement): () => void {
  const messages = scroller.firstElementChild
  if (!messages) return () => {}
  let isAtEnd = true
  let lastTop = 0

  const follow = () => {
    // What is offered before the first message is read from its beginning.
    if (!isAtEnd || !messages.querySelector('.message')) return
    scroller.scrollTop = scroller.scrollHeight
    lastTop = scroller.scrollTop
  }
  const look = () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller
    const isNear = scrollHeight - scrollTop - clientHeight <= tolerance
    // A step up is the reader's, however small; a step down counts where it ends.
    if (scrollTop < lastTop - 1) isAtEnd = false
    else if (isNear) isAtEnd = true
    lastTop = scrollTop
  }
  const growth = new ResizeObserver(follow)
  const arrival = new MutationObserver(() => {
    isAtEnd = true
    follow()
  })
  growth.observe(scroller)
  growth.observe(messages)
  arrival.observe(messages, { childList: true })
  scroller.addEventListener('scroll', look, { passive: true })
  return () => {
    growth.disconnect()
    arrival.disconnect()
    scroller.removeEventListener('scroll', look)
  }
}
