/** A package in pub's cache: `hosted/HOST/NAME-VERSION`, or a checkout of git below `git`. */
export const CACHED = /(?:^|\/)hosted\/[^/]+\/[^/]+\/pubspec\.yaml$/

/** Inside these a file of a project belongs to somebody else's package. */
export const insidePackages =
  /(?:^|\/)(?:node_modules|\.pub-cache|\.dart_tool|hosted\/(?:pub\.dev|pub\.dartlang\.org|[^/]*%[^/]*)|\.symlinks|ephemeral)\//
