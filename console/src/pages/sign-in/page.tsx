import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useState } from 'react'
import { useLocation } from 'react-router'
import { useTitle } from '../../parts/page-header.tsx'
import { TopBar } from '../../top-bar.tsx'
import { useSignIn } from './use-sign-in.ts'

export function SignInPage() {
  useTitle('Sign in')
  const { state } = useLocation()
  const { link, paste } = useSignIn()
  const [token, setToken] = useState('')
  return (
    <>
      <TopBar />
      <main>
        <Box padding={{ vertical: 'xxxl', horizontal: 'l' }}>
          <Grid gridDefinition={[{ colspan: { default: 12, s: 10, m: 8, l: 6 }, offset: { default: 0, s: 1, m: 2, l: 3 } }]}>
            <SpaceBetween size="l">
              {state?.signedOut === true && (
                <Alert type="success" header="Signed out">
                  This browser holds no session any more.
                </Alert>
              )}
              {link.error !== null && (
                <Alert type="error" header="This link does not sign you in">
                  {link.error.message}
                </Alert>
              )}
              <Container header={<Header variant="h1">Sign in to OpenInspector</Header>}>
                {link.isPending ? (
                  <StatusIndicator type="loading">Signing in with the one-time link</StatusIndicator>
                ) : (
                  <SpaceBetween size="l">
                    <Box variant="p">
                      Open the one-time link that the server prints each time it starts. It works once, within ten minutes.
                    </Box>
                    <ExpandableSection headerText="Use an API token instead">
                      <form
                        onSubmit={(event) => {
                          event.preventDefault()
                          if (token.trim() !== '') paste.mutate(token.trim())
                        }}
                      >
                        <Form
                          actions={
                            <Button variant="primary" loading={paste.isPending} disabled={token.trim() === ''}>
                              Sign in
                            </Button>
                          }
                        >
                          <FormField
                            label="API token"
                            description="The server leaves one for its own user in credentials.json of its data folder. This browser tab keeps it until it is closed."
                            {...(paste.error === null ? {} : { errorText: paste.error.message })}
                          >
                            <Input type="password" value={token} autoComplete="off" onChange={({ detail }) => setToken(detail.value)} />
                          </FormField>
                        </Form>
                      </form>
                    </ExpandableSection>
                  </SpaceBetween>
                )}
              </Container>
            </SpaceBetween>
          </Grid>
        </Box>
      </main>
    </>
  )
}
