import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import validateName from 'validate-npm-package-name'
import { describe, expect, test } from 'vitest'
import { toPackageName, toTarget } from './target.ts'

describe('toTarget', () => {
  test.each([
    ['app', { folder: '/home/ada/app', name: 'app' }],
    [' app/ ', { folder: '/home/ada/app', name: 'app' }],
    ['sites/app', { folder: '/home/ada/sites/app', name: 'app' }],
    ['../app', { folder: '/home/app', name: 'app' }],
    ['/srv/app', { folder: '/srv/app', name: 'app' }],
    ['@ada/app', { folder: '/home/ada/app', name: '@ada/app' }],
  ])('reads %j', (given, target) => {
    expect(toTarget(given, '/home/ada', posix)).toEqual(target)
  })

  test('reads paths as Windows writes them', () => {
    const cwd = 'C:\\Users\\Ada'
    expect(toTarget('sites\\app', cwd, win32)).toEqual({
      folder: 'C:\\Users\\Ada\\sites\\app',
      name: 'app',
    })
    expect(toTarget('sites/app', cwd, win32)).toMatchObject({ folder: `${cwd}\\sites\\app` })
    expect(toTarget('D:\\app', cwd, win32)).toEqual({ folder: 'D:\\app', name: 'app' })
  })

  test('takes a folder that is there as it is called, with a name that npm takes', () => {
    expect(toTarget('.', '/home/ada/My Chat', posix)).toEqual({
      folder: '/home/ada/My Chat',
      name: 'my-chat',
    })
    expect(toTarget('./', '/', posix)).toEqual({ folder: '/', name: 'fal-llm-app' })
  })

  test.each([
    [
      'My Chat',
      'npm does not take "My Chat": name can only contain URL-friendly characters. Try "my-chat".',
    ],
    ['App', 'npm does not take "App": name can no longer contain capital letters. Try "app".'],
    ['_app', 'name cannot start with an underscore. Try "app".'],
    ['.app', 'name cannot start with a period. Try "app".'],
    ['node_modules', 'node_modules is not a valid package name. Try "fal-llm-app".'],
    ['http', 'http is a core module name. Try "fal-llm-app".'],
    ['@Ada/app', 'npm does not take "@Ada/app"'],
    ['  ', 'An app needs a name.'],
  ])('refuses %j and says what npm would take', (given, sentence) => {
    expect(() => toTarget(given, '/home/ada', posix)).toThrow(sentence)
  })
})

test('toPackageName makes of any words a name that npm takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (words) => {
      expect(validateName(toPackageName(words)).validForNewPackages).toBe(true)
    }),
  )
})
