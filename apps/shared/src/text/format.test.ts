import { expect, test } from 'vitest'
import {
  formatBytes,
  formatClock,
  formatCost,
  formatCount,
  formatSeconds,
  formatTokenRate,
} from './format.ts'

test.each([
  [0, '0.00 s'],
  [420, '0.42 s'],
  [9_994, '9.99 s'],
  [9_996, '10.0 s'],
  [12_340, '12.3 s'],
  [59_960, '1 min 0 s'],
  [65_000, '1 min 5 s'],
  [-5, '0.00 s'],
])('%d ms reads %j', (durationMs, text) => {
  expect(formatSeconds(durationMs)).toBe(text)
})

test.each([
  [57.3, '57 tok/s'],
  [9.96, '10 tok/s'],
  [4.21, '4.2 tok/s'],
  [0, '0.0 tok/s'],
])('%d tokens per second read %j', (rate, text) => {
  expect(formatTokenRate(rate)).toBe(text)
})

test.each([
  [0, '$0'],
  [0.000_000_1, '< $0.000001'],
  [0.000_012, '$0.000012'],
  [0.001_23, '$0.0012'],
  [0.05, '$0.050'],
  [0.5, '$0.50'],
  [1.5, '$1.50'],
  [12, '$12.00'],
])('%d dollars read %j', (costUsd, text) => {
  expect(formatCost(costUsd)).toBe(text)
})

test.each([
  [0, '1 KB'],
  [900, '1 KB'],
  [45_400, '45 KB'],
  [1_000_000, '1 MB'],
  [2_440_000, '2.4 MB'],
  [10_000_000, '10 MB'],
])('%d bytes read %j', (sizeBytes, text) => {
  expect(formatBytes(sizeBytes)).toBe(text)
})

test.each([
  [7, '7'],
  [1204, '1,204'],
])('%d counted reads %j', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

test('a timestamp reads as a time of day, and nothing else does', () => {
  expect(formatClock('2026-11-20T12:00:09.123Z')).toMatch(/^\d\d:00:09$/)
  expect(formatClock('soon')).toBe('')
})
