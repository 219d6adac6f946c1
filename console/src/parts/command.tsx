import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'

/** A command to run elsewhere, with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToDisplay={text}
      textToCopy={text}
      copyButtonAriaLabel={`Copy: ${text}`}
      copySuccessText="Copied"
      copyErrorText="Could not copy"
    />
  )
}
