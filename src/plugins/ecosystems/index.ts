import type { Ecosystem } from '../../model/seams.ts'
import { actions } from './actions/index.ts'
import { apk } from './apk/index.ts'
import { binaries } from './binaries/index.ts'
import { cocoapods } from './cocoapods/index.ts'
import { conan } from './conan/index.ts'
import { dart } from './dart/index.ts'
import { debian } from './debian/index.ts'
import { dotnet } from './dotnet/index.ts'
import { flatpak } from './flatpak/index.ts'
import { go } from './go/index.ts'
import { haskell } from './haskell/index.ts'
import { hex } from './hex/index.ts'
import { homebrew } from './homebrew/index.ts'
import { java } from './java/index.ts'
import { julia } from './julia/index.ts'
import { lua } from './lua/index.ts'
import { nix } from './nix/index.ts'
import { npm } from './npm/index.ts'
import { opkg } from './opkg/index.ts'
import { os } from './os/index.ts'
import { pacman } from './pacman/index.ts'
import { php } from './php/index.ts'
import { portage } from './portage/index.ts'
import { python } from './python/index.ts'
import { r } from './r/index.ts'
import { rpm } from './rpm/index.ts'
import { ruby } from './ruby/index.ts'
import { rust } from './rust/index.ts'
import { snap } from './snap/index.ts'
import { swift } from './swift/index.ts'
import { terraform } from './terraform/index.ts'
import { unread } from './unread/index.ts'
import { windows } from './windows/index.ts'
import { wordpress } from './wordpress/index.ts'

/** Every ecosystem, one line each. */
export const ecosystems: readonly Ecosystem[] = [
  actions,
  apk,
  binaries,
  cocoapods,
  conan,
  dart,
  debian,
  dotnet,
  flatpak,
  go,
  haskell,
  hex,
  homebrew,
  java,
  julia,
  lua,
  nix,
  npm,
  opkg,
  os,
  pacman,
  php,
  portage,
  python,
  r,
  rpm,
  ruby,
  rust,
  snap,
  swift,
  terraform,
  unread,
  windows,
  wordpress,
]
