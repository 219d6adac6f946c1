import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import {
  type Agent,
  agentOf,
  agentProtocol,
  createEnrolment,
  endEnrolment,
  enrol,
  everySeconds,
  listAgents,
  listEnrolments,
  revokeAgent,
  takeReport,
} from '../../core/agents/index.ts'
import { AppError } from '../../model/errors.ts'
import { signInFirst } from '../errors.ts'
import {
  AgentAnswer,
  AgentId,
  AgentReport,
  AgentsPage,
  AgentsQuery,
  ApiError,
  EnrolInput,
  Enrolled,
  EnrolmentId,
  EnrolmentInput,
  Enrolments,
  NewEnrolment,
} from './contract.ts'
import { callerMay, type Routes } from './deps.ts'
import { isoTimes } from './iso-times.ts'
import { reportGate } from './report-gate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the one route that agents may use. */
    agent?: Agent
  }
}

/** Bytes of a report, unpacked. */
const reportBytes = 64 << 20

/** Hosts that report by themselves: who may, and what they say. */
export const agentRoutes: Routes = (app, deps) => {
  const { store, now } = deps

  app.get(
    '/agents',
    { schema: { summary: 'One page of agents', querystring: AgentsQuery, response: { 200: AgentsPage, default: ApiError } } },
    async (request) => {
      const { limit = 25, after } = request.query
      const page = await listAgents(store.reads, callerMay(request, 'read'), { limit, after })
      return {
        ...page,
        items: page.items.map(({ revokedAt, ...agent }) => isoTimes({ ...agent, ...(revokedAt !== null && { revokedAt }) })),
      }
    },
  )

  app.delete(
    '/agents/:id',
    {
      schema: {
        summary: 'Revoke an agent; what it told stays, and is shown as no longer looked at',
        params: AgentId,
        response: { 204: z.null(), default: ApiError },
      },
    },
    async (request, reply) => {
      const scope = callerMay(request, 'agents.write')
      const writer = { by: scope.caller.name, at: now() }
      await store.db.transaction().execute((trx) => revokeAgent(trx, scope, request.params.id, writer))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/agents/tokens',
    { schema: { summary: 'Make an enrolment token', body: EnrolmentInput, response: { 201: NewEnrolment, default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'agents.write')
      const { name, uses, hours } = request.body
      const writer = { by: scope.caller.name, at: now() }
      const expiresAt = new Date(writer.at.getTime() + hours * 3_600_000)
      const made = await store.db.transaction().execute((trx) => createEnrolment(trx, scope, { name, uses, expiresAt }, writer))
      return reply.code(201).send(isoTimes(made))
    },
  )

  app.get(
    '/agents/tokens',
    { schema: { summary: 'Enrolment tokens that can still be used', response: { 200: Enrolments, default: ApiError } } },
    async (request) => ({ items: isoTimes(await listEnrolments(store.reads, callerMay(request, 'agents.write'), now())) }),
  )

  app.delete(
    '/agents/tokens/:id',
    { schema: { summary: 'End an enrolment token', params: EnrolmentId, response: { 204: z.null(), default: ApiError } } },
    async (request, reply) => {
      const scope = callerMay(request, 'agents.write')
      const writer = { by: scope.caller.name, at: now() }
      await store.db.transaction().execute((trx) => endEnrolment(trx, scope, request.params.id, writer))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/agents/enrol',
    {
      config: { public: true, rateLimit: { max: 60, timeWindow: '1 minute' } },
      preValidation: checkProtocol,
      schema: {
        summary: 'Exchange an enrolment token for the right to report on one host',
        description: 'For agents. The same credential asked for again gives the same answer.',
        security: [],
        body: EnrolInput,
        response: { 201: Enrolled, default: ApiError },
      },
    },
    async (request, reply) => {
      const enrolled = await enrol(deps.join, request.body, deps.homeRegion)
      return reply.code(201).send({ ...enrolled, region: deps.homeRegion, everySeconds })
    },
  )

  const gate = reportGate()
  app.post(
    '/agents/report',
    {
      config: { public: true },
      bodyLimit: reportBytes,
      // Before anything of the body is read: whoever is nobody's agent costs no memory.
      onRequest: async (request, reply) => {
        const agent = await agentBy(request)
        request.agent = agent
        gate.enter(agent.id, request, reply)
      },
      preValidation: checkProtocol,
      schema: {
        summary: 'Say what changed on the host, or that nothing did',
        description: 'For agents, with their own credential; the body may be packed with gzip. docs/guides/agent.md says what a row is.',
        body: AgentReport,
        response: { 200: AgentAnswer, default: ApiError },
      },
    },
    async (request) => {
      const { agent } = request
      if (agent === undefined) throw new Error('a report without its agent')
      gate.spend(agent.id, request.body.add.length)
      const is = await takeReport(deps.recording, agent, request.body, deps.homeRegion)
      if (is === 'recorded') deps.onCollected()
      return { is, everySeconds }
    },
  )

  async function agentBy({ headers }: FastifyRequest): Promise<Agent> {
    const credential = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
    const agent = credential === undefined ? undefined : await agentOf(store.db, credential)
    if (agent === undefined) throw signInFirst('This is no credential of an agent, or it was revoked.')
    return agent
  }
}

/** Before the shape is looked at: that of another protocol would only look wrong. */
async function checkProtocol({ body }: FastifyRequest): Promise<void> {
  const asked = typeof body === 'object' && body !== null && 'protocol' in body ? body.protocol : undefined
  if (asked === undefined || asked === agentProtocol) return
  throw new AppError(
    'unsupported',
    `This server speaks protocol ${agentProtocol} with agents; this agent speaks ${JSON.stringify(asked)?.slice(0, 20)}.`,
    {
      details: { speaks: [agentProtocol], next: 'install an agent of the version of the server' },
    },
  )
}
