import { describeBinding } from '@fal-llm/testkit/binding-conformance'
import type {
  BindingDriver,
  ChatProbe,
  CompletionProbe,
  DriverChatOptions,
  Mount,
} from '@fal-llm/testkit/binding-conformance'
import { StrictMode, createElement, memo, useEffect, useState, version } from 'react'
import type { FunctionComponent, ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot, hydrateRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { useFalChat, useFalCompletion } from './index.ts'
import type { ChatMessage, CompletionOptions, FalLlmError } from './index.ts'

interface Props<Options, Probe> {
  readonly options: Options
  readonly probe: Probe
}

function ChatPage({ options, probe }: Props<DriverChatOptions, ChatProbe>): ReactNode {
  const { onLeave, ...source } = options
  // Callbacks are written in place, as people do: they are new on every render.
  const callbacks = 'chat' in source ? {} : { onEvent: () => {}, ...source }
  const chat = useFalChat({ ...source, ...callbacks, ...(onLeave && { onUnmount: onLeave }) })
  const { messages } = chat
  const [effects, setEffects] = useState(0)
  useEffect(() => {
    if (probe.setsState) setEffects((count) => count + 1)
  }, [messages, probe])
  probe.rendered()
  probe.received(chat)
  return (
    <section
      data-status={chat.status}
      data-paused={chat.paused}
      data-storage={chat.storage}
      data-title={chat.title}
    >
      {messages.map((message) => (
        <Row key={message.id} message={message} probe={probe} />
      ))}
      {chat.queued.map(({ id, text }) => (
        <li key={id} data-id={id}>
          {text}
        </li>
      ))}
      <Alert error={chat.error} />
      <output>{effects}</output>
    </section>
  )
}

const Row = memo(function Row(props: { message: ChatMessage; probe: ChatProbe }): ReactNode {
  const { id, status, text } = props.message
  props.probe.rowRendered(id)
  return (
    <p data-id={id} data-status={status}>
      {text}
    </p>
  )
})

function CompletionPage({ options, probe }: Props<CompletionOptions, CompletionProbe>): ReactNode {
  const completion = useFalCompletion(options)
  probe.received(completion)
  return (
    <section data-status={completion.status}>
      {completion.text}
      <Alert error={completion.error} />
    </section>
  )
}

function Alert({ error }: { error: FalLlmError | undefined }): ReactNode {
  return error && <strong role="alert">{error.code}</strong>
}

function mountWith<Options, Probe>(
  page: FunctionComponent<Props<Options, Probe>>,
  start: (container: Element, first: ReactNode) => Root,
  wrap = (node: ReactNode): ReactNode => node,
): Mount<Options, Probe> {
  return (container, options, probe) => {
    const elementOf = (next: Options): ReactNode =>
      wrap(createElement(page, { options: next, probe }))
    const root = start(container, elementOf(options))
    return {
      setOptions: (next) => flushSync(() => root.render(elementOf(next))),
      unmount: () => flushSync(() => root.unmount()),
    }
  }
}

function createAndRender(container: Element, first: ReactNode): Root {
  const root = createRoot(container)
  flushSync(() => root.render(first))
  return root
}

const driver: BindingDriver = {
  mountChat: mountWith(ChatPage, createAndRender),
  mountChatTwice: mountWith(ChatPage, createAndRender, (node) => <StrictMode>{node}</StrictMode>),
  mountCompletion: mountWith(CompletionPage, createAndRender),
  renderOnServer: async (options, probe) =>
    renderToString(<ChatPage options={options} probe={probe} />),
  hydrateChat: mountWith(ChatPage, hydrateRoot),
}

describeBinding(`React ${version}`, driver)
