export { createFalChat } from './create-fal-chat.ts'
export { createFalCompletion } from './create-fal-completion.ts'
export { createFalLlm } from './create-fal-llm.ts'
export type {
  FalLlmOptions,
  FalLlm,
  GenerateRequest,
  RequestOptions,
  SubmitRequest,
  AttachOptions,
  JobReference,
  SubmittedJob,
} from './generate/fal-llm.ts'
export { FalLlmError } from './errors.ts'
export type { FalLlmErrorCode, FalLlmErrorDetails, InputIssue } from './errors.ts'
export type {
  FinishReason,
  GenerationEvent,
  GenerationResult,
  LogLine,
  RunMode,
  Timing,
  ToolCall,
  Usage,
} from './events.ts'
export type { Completion, CompletionOptions, CompletionState } from './generate/complete.ts'
export type { GenerationRun } from './generate/run.ts'
export type {
  Chat,
  ChatMode,
  ChatOptions,
  ChatTimeouts,
  SendInput,
  SendOptions,
  WhenBusy,
} from './chat/chat.ts'
export type { ChatCommands } from './chat/owner/chat-commands.ts'
export type { MessageInput } from './chat/message-input.ts'
export { deleteChat, listChats } from './chat/storage/chat-list.ts'
export type { ChatSummary } from './chat/storage/chat-list.ts'
export type { ChatStorage } from './chat/storage/chat-storage.ts'
export { indexedDbStorage } from './chat/storage/indexed-db-storage.ts'
export { readChat } from './chat/storage/read-chat.ts'
export type { StoredChat } from './chat/storage/to-stored-chat.ts'
export type { MemoryPolicy } from './chat/prompt/select-turns.ts'
export type {
  ChatMessage,
  ChatState,
  ChatStatus,
  ContextReport,
  MessagePart,
  MessageStatus,
  QueuedImage,
  QueuedOptions,
  QueuedSend,
  SessionUsage,
  TakenBackSend,
} from './chat/state.ts'
export type { Clock } from './clock.ts'
export type { RetryPolicy } from './wire/http/retry.ts'
export type { Credentials } from './wire/http/targets.ts'
export type { Timeouts } from './deadline.ts'
export {
  anyLlmEnterpriseModels,
  anyLlmModels,
  defineEndpoint,
  endpoints,
  openRouterModels,
  premiumModels,
  resolveEndpoint,
  toJsonSchema,
  validateInput,
  visionModels,
} from './endpoints/index.ts'
export type {
  AnyLlmEnterpriseModel,
  AnyLlmModel,
  AnyLlmParams,
  ContentPart,
  Endpoint,
  EndpointId,
  EndpointMap,
  EnterpriseParams,
  InputValidation,
  MessagesEndpoint,
  ModelInfo,
  ModelChoiceOf,
  ModelMessage,
  ModelOf,
  ModeOf,
  OpenAiParams,
  OpenRouterModel,
  OptionalModel,
  ParamsOf,
  PriorityParams,
  PromptEndpoint,
  ReasoningOptions,
  RequiredModel,
  ResponseFormat,
  SamplingParams,
  StandardSchema,
} from './endpoints/index.ts'
export type { QueueOptions } from './wire/queue-options.ts'
export type { FileData } from './wire/files/file-data.ts'
export type { Upload, UploadOptions, UploadProgress } from './wire/files/upload.ts'
