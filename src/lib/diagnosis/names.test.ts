import { describe, expect, test } from 'vitest'
import { isCloudName, nearestNames, sameModel } from './names.ts'

describe('names of models', () => {
  test.each([
    ['llama3.2', 'llama3.2:latest'],
    ['Llama3.2:LATEST', 'llama3.2:latest'],
    ['library/llama3.2', 'llama3.2:latest'],
    ['registry.ollama.ai/library/llama3.2', 'llama3.2:latest'],
    ['user/foo', 'user/foo:latest'],
    ['hf.co/Org/Repo-GGUF:q4_k_m', 'hf.co/Org/Repo-GGUF:Q4_K_M'],
    ['qwen3:8b:local', 'qwen3:8b'],
  ])('the names %s and %s mean the same model', (a, b) => expect(sameModel(a, b)).toBe(true))

  test.each([
    ['llama3.2', 'llama3.2:1b'],
    ['user/foo', 'foo'],
    ['hf.co/Org/Repo', 'huggingface.co/Org/Repo'],
  ])('the names %s and %s mean different models', (a, b) => expect(sameModel(a, b)).toBe(false))

  test('a cloud model is recognized by its name', () => {
    expect(
      ['gpt-oss:120b-cloud', 'gpt-oss:120b:cloud', 'GPT-OSS:Cloud', 'qwen3:8b'].map(isCloudName),
    ).toEqual([true, true, true, false])
    expect(
      ['my-cloud', 'me/my-cloud:7b', 'host:5000/a-cloud', 'soundcloud:latest'].filter(isCloudName),
    ).toEqual([])
  })

  test('suggested model names are other tags of the same model first, then similar spellings', () => {
    expect(nearestNames('qwen3:8b', ['mistral:latest', 'qwen3:4b', 'qwen2.5:7b'])[0]).toBe(
      'qwen3:4b',
    )
    expect(nearestNames('lama3.2', ['llama3.2:latest', 'mistral:latest'])).toEqual([
      'llama3.2:latest',
    ])
    expect(nearestNames('gemma', ['mistral:latest'])).toEqual([])
  })

  test('a requested model is not suggested as its own nearest name', () => {
    expect(nearestNames('llama3.2', ['llama3.2:latest'])).toEqual([])
  })
})
