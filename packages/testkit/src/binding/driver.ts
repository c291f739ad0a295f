// What a framework's own test brings to the conformance suite: components that show a chat and a completion, written as a
// person of that framework would write them. Everything the suite asks for afterwards it reads from the page.
//
//   <section data-status="streaming" data-paused="false" data-storage="ok" data-title="…">
//     <p data-id="…" data-status="streaming">one row per message</p>
//     <li data-id="…">one item per send that waits</li>
//     <strong role="alert">the error's code, when there is one</strong>
//     <output>how often its effect has set state</output>
//   </section>
//
// A completion is <section data-status="…">its text</section>, with the same alert.

import type { ChatCommands, Completion, CompletionOptions } from '@fal-llm/core'
import type { ChatSource, OnRelease } from '@fal-llm/core/binding'

/** Options of the chat hook; `onLeave` goes under the name the binding has for it. */
export type DriverChatOptions = ChatSource & { readonly onLeave?: OnRelease }

/** What the chat component reports to the suite, and how it is to behave. */
export interface ChatProbe {
  /** Whether the component sets state of its own in an effect, each time the messages have changed. */
  readonly setsState: boolean
  /** The component's template ran. */
  rendered(): void
  /** A row's template ran. */
  rowRendered(messageId: string): void
  /** What the hook returned. */
  received(commands: ChatCommands): void
}

/** What a completion hook returns besides the state. */
export type CompletionCommands = Pick<Completion, 'complete' | 'stop' | 'reset'>

/** What the completion component reports to the suite. */
export interface CompletionProbe {
  /** What the hook returned. */
  received(commands: CompletionCommands): void
}

/** A component on the page. */
export interface MountedComponent<Options> {
  /** Gives the component other options, as its parent would. */
  setOptions(options: Options): void
  unmount(): void
}

/** Puts a component on the page. */
export type Mount<Options, Probe> = (
  container: Element,
  options: Options,
  probe: Probe,
) => MountedComponent<Options>

/** One framework, as the suite drives it. */
export interface BindingDriver {
  readonly mountChat: Mount<DriverChatOptions, ChatProbe>
  readonly mountCompletion: Mount<CompletionOptions, CompletionProbe>
  /** Mounts with every effect run twice, where the framework has such a mode. */
  readonly mountChatTwice?: Mount<DriverChatOptions, ChatProbe>
  /** The chat component as a server paints it. */
  readonly renderOnServer: (options: DriverChatOptions, probe: ChatProbe) => Promise<string>
  /** Mounts on what a server painted. */
  readonly hydrateChat: Mount<DriverChatOptions, ChatProbe>
}
