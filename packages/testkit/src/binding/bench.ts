import type { ChatCommands, CompletionOptions } from '@fal-llm/core'
import { vi } from 'vitest'
import { createScriptedLlm } from '../scripted-llm.ts'
import type { ScriptedLlm } from '../scripted-llm.ts'
import { settled } from '../settled.ts'
import type {
  BindingDriver,
  ChatProbe,
  CompletionCommands,
  DriverChatOptions,
  Mount,
} from './driver.ts'
import { readPainted, rowsOf } from './painted.ts'
import type { Painted } from './painted.ts'

/** A component on the page. */
export interface Screen<Options, Commands> {
  readonly container: Element
  /** What a person sees now. */
  read(): Painted
  /** What the hook returned last. */
  readonly commands: Commands
  setOptions(options: Options): void
  unmount(): void
}

/** A chat on the page. */
export interface ChatScreen extends Screen<DriverChatOptions, ChatCommands> {
  /** How often its template ran. */
  readonly renders: number
  /** How often the template of each row ran, oldest first. */
  readonly rowRenders: readonly number[]
}

/** How a chat is put on the page. */
export interface MountSettings {
  /** Default: the driver's `mountChat`. */
  readonly mount?: Mount<DriverChatOptions, ChatProbe>
  readonly setsState?: boolean
  /** What the page holds before. */
  readonly html?: string
}

/** A page and a scripted client. Time stands still until it is moved. */
export interface Bench {
  readonly driver: BindingDriver
  readonly llm: ScriptedLlm
  /** The errors and warnings on the console that were not taken yet. */
  takeComplaints(): readonly string[]
  mountChat(options?: DriverChatOptions, settings?: MountSettings): ChatScreen
  mountCompletion(options?: CompletionOptions): Screen<CompletionOptions, CompletionCommands>
  renderOnServer(options?: DriverChatOptions): Promise<string>
  /** Lets happen what needs no time: promises, and the frameworks' own schedulers. */
  settle(): Promise<void>
  /** Moves time, and with it timers and frames (one each 16 ms). */
  advance(byMs: number): Promise<void>
  close(): void
}

/** React renders in one turn of the event loop and runs effects in another; an effect may ask for both again. */
const turns = 5

/** Sets a page up. */
export function createBench(driver: BindingDriver): Bench {
  const llm = createScriptedLlm()
  const mounted = new Set<() => void>()
  const complaints: string[] = []
  const complain = (...words: readonly unknown[]): void => void complaints.push(words.join(' '))
  const spies = [
    vi.spyOn(console, 'error').mockImplementation(complain),
    vi.spyOn(console, 'warn').mockImplementation(complain),
  ]
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'],
  })

  const settle = (): Promise<void> => settled(turns)
  const place = <Options extends object, Probe, Commands>(
    html: string,
    mount: Mount<Options, Probe>,
    options: Options,
    probeOf: (received: (commands: Commands) => void) => Probe,
  ): Screen<Options, Commands> => {
    const container = document.createElement('main')
    container.innerHTML = html
    document.body.append(container)
    let last: Commands | undefined
    const probe = probeOf((commands) => void (last = commands))
    const component = mount(container, { llm, ...options }, probe)
    const unmount = (): void => {
      if (!mounted.delete(unmount)) return
      component.unmount()
      container.remove()
    }
    mounted.add(unmount)
    return {
      container,
      read: () => readPainted(container),
      get commands() {
        if (!last) throw new Error('The component did not hand over what its hook returned')
        return last
      },
      setOptions: (next) => component.setOptions({ llm, ...next }),
      unmount,
    }
  }

  return {
    driver,
    llm,
    takeComplaints: () => complaints.splice(0),
    mountChat(options = {}, { mount = driver.mountChat, setsState = false, html = '' } = {}) {
      let renders = 0
      const rows = new Map<string | undefined, number>()
      const screen = place<DriverChatOptions, ChatProbe, ChatCommands>(
        html,
        mount,
        options,
        (received) => ({
          setsState,
          received,
          rendered: () => void (renders += 1),
          rowRendered: (id) => void rows.set(id, (rows.get(id) ?? 0) + 1),
        }),
      )
      return Object.defineProperties(screen, {
        renders: { get: () => renders },
        rowRenders: {
          get: () => rowsOf(screen.container).map(({ dataset }) => rows.get(dataset['id']) ?? 0),
        },
        // Both are there now.
      }) as ChatScreen
    },
    mountCompletion: (options = {}) =>
      place('', driver.mountCompletion, options, (received) => ({ received })),
    renderOnServer: (options = {}) => driver.renderOnServer({ llm, ...options }, silentProbe),
    settle,
    async advance(byMs) {
      // What is already due comes first.
      await settle()
      vi.advanceTimersByTime(byMs)
      await settle()
    },
    close() {
      for (const unmount of mounted) unmount()
      for (const spy of spies) spy.mockRestore()
      vi.useRealTimers()
      vi.unstubAllGlobals()
    },
  }
}

const silentProbe: ChatProbe = {
  setsState: false,
  rendered() {},
  rowRendered() {},
  received() {},
}
