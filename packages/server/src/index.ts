export { withClientAddress } from './client-address.ts'
export type { FetchHandler } from './fetch-handler.ts'
export type {
  FinishedCall,
  ProxyAction,
  ProxyCall,
  ProxyOutcome,
} from './proxy/call/call-record.ts'
export type { ProxyStage } from './proxy/call/guard.ts'
export type { ProxyTrace } from './proxy/call/tracing.ts'
export type { ProxyUsage } from './proxy/call/usage-scanner.ts'
export type { OnUpload, ProxyUpload } from './proxy/input/read-upload.ts'
export { createMemoryRateLimit } from './proxy/limits/memory-rate-limit.ts'
export type { MemoryRateLimitOptions } from './proxy/limits/memory-rate-limit.ts'
export type { RateLimit, RateLimitState, RateLimitVerdict } from './proxy/limits/rate-limit.ts'
export type { FalProxyOptions } from './proxy/proxy-options.ts'
export { createFalProxy } from './proxy/proxy.ts'
export type { FalProxy } from './proxy/proxy.ts'
export { toFalRequestId } from './proxy/upstream/job-ids.ts'
export { createMemoryClaims } from './webhook/claims.ts'
export type { ClaimAnswer, WebhookClaims } from './webhook/claims.ts'
export { FalWebhookError } from './webhook/error.ts'
export type { FalWebhookErrorCode } from './webhook/error.ts'
export { createFalWebhookHandler } from './webhook/handler.ts'
export type { WebhookHandlerOptions } from './webhook/handler.ts'
export type { VerifyOptions } from './webhook/options.ts'
export { verifyFalWebhook } from './webhook/webhook.ts'
export type { WebhookEvent } from './webhook/webhook.ts'
