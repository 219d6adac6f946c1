import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a distribution puts the image of the kernel whose modules lie in `lib/modules/RELEASE`, beside `boot/vmlinuz-RELEASE`. */
const besideModules = ['usr/lib/modules', 'lib/modules']
const KERNELS = 100

/** Releases of the kernels below a root that could be started, sorted as text; none where it starts none of its own (a container). */
export async function installedKernels(root: string): Promise<readonly string[]> {
  const boot = await readdir(join(root, 'boot')).catch(() => [])
  const found = new Set(boot.flatMap((name) => /^(?:vmlinuz|vmlinux|Image|kernel)-(\S*\d\S*)$/.exec(name)?.[1] ?? []))
  for (const folder of besideModules)
    for (const release of (await readdir(join(root, folder)).catch(() => [])).slice(0, KERNELS))
      if (await isThere(join(root, folder, release, 'vmlinuz'))) found.add(release)
  return [...found]
    .filter((release) => !/\.(?:old|bak|dpkg-\w+|hmac)$/.test(release))
    .sort()
    .slice(0, KERNELS)
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
