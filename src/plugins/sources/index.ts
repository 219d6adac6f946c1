import type { ResourceSource } from '../../model/seams.ts'
import { archive } from './archive/index.ts'
import { containerd } from './containerd/index.ts'
import { directory } from './directory/index.ts'
import { disk } from './disk/index.ts'
import { docker } from './docker/index.ts'
import { host } from './host/index.ts'
import { image } from './image/index.ts'
import { lambda } from './lambda/index.ts'
import { registry } from './registry/index.ts'
import { rootfs } from './rootfs/index.ts'
import { sbom } from './sbom/index.ts'

export { parseTarget, type Target } from './target.ts'

/** Every source. A new one is a line here and a folder beside. */
export const sources: readonly ResourceSource[] = [
  host,
  directory,
  rootfs,
  disk,
  image,
  registry,
  docker,
  containerd,
  archive,
  lambda,
  sbom,
]
