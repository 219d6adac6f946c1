import { lookupName } from '../../../formats/osv-names.ts'
import type { Ecosystem } from '../../../model/seams.ts'
import { depsJson } from './deps-json.ts'
import { nuspec } from './nuspec.ts'
import { packagesConfig } from './packages-config.ts'
import { packagesLock } from './packages-lock.ts'
import { projectAssets } from './project-assets.ts'
import { projectFile } from './project-file.ts'

/** NuGet packages of .NET projects and applications, judged by the advisories of NuGet whatever the case of their names. */
export const dotnet = {
  id: 'dotnet',
  version: 1,
  title: 'NuGet packages',
  purlTypes: ['nuget'],
  scheme: 'nuget',
  extractors: [packagesLock, depsJson, projectAssets, packagesConfig, projectFile, nuspec],
  families: ['NuGet'],
  advisoryKey: ({ name, version }) => ({ ecosystem: 'NuGet', name: lookupName('NuGet', name), version }),
} satisfies Ecosystem
