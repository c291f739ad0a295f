import { describeBinding } from '@fal-llm/testkit/binding-conformance'
import type {
  BindingDriver,
  ChatProbe,
  CompletionProbe,
  DriverChatOptions,
  Mount,
} from '@fal-llm/testkit/binding-conformance'
import { createApp, createSSRApp, defineComponent, h, ref, shallowRef, version, watch } from 'vue'
import type { App, Component, PropType, ShallowRef, VNode } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { useFalChat, useFalCompletion } from './index.ts'
import type {
  ChatMessage,
  CompletionOptions,
  EndpointId,
  FalLlmError,
  UseFalChatOptions,
} from './index.ts'

const Row = defineComponent({
  props: {
    message: { type: Object as PropType<ChatMessage>, required: true },
    probe: { type: Object as PropType<ChatProbe>, required: true },
  },
  setup: (props) => () => {
    const { id, status, text } = props.message
    props.probe.rowRendered(id)
    return h('p', { 'data-id': id, 'data-status': status }, text)
  },
})

const ChatPage = defineComponent({
  props: {
    options: { type: Object as PropType<DriverChatOptions>, required: true },
    probe: { type: Object as PropType<ChatProbe>, required: true },
  },
  setup(props) {
    const chat = useFalChat(() => chatOptionsOf(props.options))
    const effects = ref(0)
    props.probe.received(chat)
    watch(chat.messages, () => {
      if (props.probe.setsState) effects.value += 1
    })
    return () => {
      props.probe.rendered()
      const { messages, status, queued, paused, storage, title, error } = chat
      const attributes = {
        'data-status': status.value,
        'data-paused': paused.value,
        'data-storage': storage.value,
        'data-title': title.value,
      }
      return h('section', attributes, [
        messages.value.map((message) => h(Row, { key: message.id, message, probe: props.probe })),
        queued.value.map(({ id, text }) => h('li', { key: id, 'data-id': id }, text)),
        alertOf(error.value),
        h('output', effects.value),
      ])
    }
  },
})

const CompletionPage = defineComponent({
  props: {
    options: { type: Object as PropType<CompletionOptions>, required: true },
    probe: { type: Object as PropType<CompletionProbe>, required: true },
  },
  setup(props) {
    const { text, status, error, ...commands } = useFalCompletion(() => props.options)
    props.probe.received(commands)
    return () => h('section', { 'data-status': status.value }, [text.value, alertOf(error.value)])
  },
})

function chatOptionsOf({
  onLeave,
  ...source
}: DriverChatOptions): UseFalChatOptions<EndpointId, unknown> {
  return { ...source, ...(onLeave && { onDispose: onLeave }) }
}

function alertOf(error: FalLlmError | undefined): VNode | undefined {
  return error && h('strong', { role: 'alert' }, error.code)
}

function appOf<Options, Probe>(
  create: (root: Component) => App,
  page: Component,
  options: ShallowRef<Options>,
  probe: Probe,
): App {
  return create({ render: () => h(page, { options: options.value, probe }) })
}

function mountWith<Options, Probe>(
  page: Component,
  create: (root: Component) => App = createApp,
): Mount<Options, Probe> {
  return (container, first, probe) => {
    const options = shallowRef(first)
    const app = appOf(create, page, options, probe)
    app.mount(container)
    return {
      setOptions: (next) => void (options.value = next),
      unmount: () => app.unmount(),
    }
  }
}

const driver: BindingDriver = {
  mountChat: mountWith(ChatPage),
  mountCompletion: mountWith(CompletionPage),
  renderOnServer: (options, probe) =>
    renderToString(appOf(createSSRApp, ChatPage, shallowRef(options), probe)),
  hydrateChat: mountWith(ChatPage, createSSRApp),
}

describeBinding(`Vue ${version}`, driver)
