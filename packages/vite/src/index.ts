export { falLlm } from './fal-llm.ts'
