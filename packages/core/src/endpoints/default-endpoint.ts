/** The endpoint that is asked where none is named: any model of OpenRouter, with the usage reported. */
export const defaultEndpointId = 'openrouter/router'

/** Its id, as the default of a type parameter. */
export type DefaultEndpointId = typeof defaultEndpointId
