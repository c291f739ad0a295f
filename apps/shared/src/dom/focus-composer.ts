/** Gives the focus to the field a message is written in; what had it is about to go. */
export function focusComposer(): void {
  document.querySelector<HTMLElement>('.composer textarea')?.focus()
}
