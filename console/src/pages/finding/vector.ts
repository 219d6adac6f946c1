type Metric = { readonly name: string; readonly values: Readonly<Record<string, string>> }

const complexity = {
  L: 'Low: works whenever tried',
  M: 'Medium: needs some conditions',
  H: 'High: needs conditions the attacker does not control',
}
const yesNo = { H: 'High', L: 'Low', N: 'None' }

/** Base metrics of CVSS v3.0 and v3.1 (specification 3.1, section 2). */
const version3: Readonly<Record<string, Metric>> = {
  AV: { name: 'Attack from', values: { N: 'The network', A: 'The adjacent network', L: 'The machine itself', P: 'Physical access' } },
  AC: { name: 'Attack complexity', values: complexity },
  PR: { name: 'Privileges needed', values: yesNo },
  UI: { name: 'Needs a user to act', values: { N: 'No', R: 'Yes' } },
  S: { name: 'Reaches beyond the component', values: { U: 'No', C: 'Yes' } },
  C: { name: 'Loss of confidentiality', values: yesNo },
  I: { name: 'Loss of integrity', values: yesNo },
  A: { name: 'Loss of availability', values: yesNo },
}

/** Base metrics of CVSS v2 (specification, section 2.1). */
const impact2 = { N: 'None', P: 'Partial', C: 'Complete' }
const version2: Readonly<Record<string, Metric>> = {
  AV: { name: 'Attack from', values: { N: 'The network', A: 'The adjacent network', L: 'The machine itself' } },
  AC: { name: 'Attack complexity', values: complexity },
  Au: { name: 'Logins needed', values: { N: 'None', S: 'One', M: 'Several' } },
  C: { name: 'Loss of confidentiality', values: impact2 },
  I: { name: 'Loss of integrity', values: impact2 },
  A: { name: 'Loss of availability', values: impact2 },
}

/** Base metrics of CVSS v4.0 (specification, section 2). */
const version4: Readonly<Record<string, Metric>> = {
  AV: { name: 'Attack from', values: version3['AV']?.values ?? {} },
  AC: { name: 'Attack complexity', values: { L: 'Low', H: 'High: defences have to be got round' } },
  AT: { name: 'Needs special conditions', values: { N: 'No', P: 'Yes' } },
  PR: { name: 'Privileges needed', values: yesNo },
  UI: { name: 'Needs a user to act', values: { N: 'No', P: 'Passively', A: 'Actively' } },
  VC: { name: 'Loss of confidentiality, here', values: yesNo },
  VI: { name: 'Loss of integrity, here', values: yesNo },
  VA: { name: 'Loss of availability, here', values: yesNo },
  SC: { name: 'Loss of confidentiality, behind it', values: yesNo },
  SI: { name: 'Loss of integrity, behind it', values: yesNo },
  SA: { name: 'Loss of availability, behind it', values: yesNo },
}

/** A CVSS vector's base metrics in words, in the vector's order. What is no base metric is left to the vector itself. */
export function vectorInWords(vector: string): readonly { readonly label: string; readonly value: string }[] {
  const metrics = vector.startsWith('CVSS:4.') ? version4 : vector.startsWith('CVSS:3.') ? version3 : version2
  return vector
    .replace(/[()]/g, '')
    .split('/')
    .flatMap((part) => {
      const [name = '', value = ''] = part.split(':')
      const metric = Object.hasOwn(metrics, name) ? metrics[name] : undefined
      const words = metric !== undefined && Object.hasOwn(metric.values, value) ? metric.values[value] : undefined
      return metric === undefined || words === undefined ? [] : [{ label: metric.name, value: words }]
    })
}
