export { beginLook, endLook, forgetLook, forgetOthers, looksDue, noteDue, type Place } from './due.ts'
export { endWorker, lastAtWork, machinesAtWork, seeWorker, workedMachines } from './workers.ts'
