import { fileReader, type BlockReader } from './block-reader.ts'

export type OpenDisk = BlockReader & {
  /** `raw`, `qcow2`, `vmdk`: for people. */
  readonly format: string
  close(): Promise<void>
}

/** The disk in a file, whatever it is packed in. Throws AppError in words for a person. */
export async function openDisk(path: string): Promise<OpenDisk> {
  const file = await fileReader(path)
  return { ...file, format: 'raw' }
}
