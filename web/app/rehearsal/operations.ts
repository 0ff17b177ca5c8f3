import { graphql, type ResultOf, type VariablesOf } from '../shared/graphql';

const answer = graphql(`
  fragment Answer on Rehearsal @_unmask {
    day orders replications clearMedian clearP95 by chanceAllBy chanceLow chanceHigh gateToDoorMinutes gateToDoorP95Minutes undelivered
    stations { post hands meanWaitMinutes p95WaitMinutes queuePeak queuePeakAt busyShare queue }
    oneMore { post savesMinutes plusMinus }
    whatIfs { what clearMedian chanceAllBy savesMinutes }
    byHour { hour arrived delivered handsNeeded { squad hands } phoneHandsNeeded }
    band { at low median high }
    advice
    measuredTimes { step minutes spread sample share assumed }
    measuredCut
    classShares { mark share sample assumed }
  }
`);

export const rehearse = graphql(`query Rehearse($scenario: ScenarioInput!) { rehearse(scenario: $scenario) { ...Answer } }`, [answer]);

export const compare = graphql(`
  query Compare($first: ScenarioInput!, $second: ScenarioInput!) {
    compareRehearsals(first: $first, second: $second) { savesMinutes plusMinus clearEarlierMinutes chanceGain sentence first { ...Answer } second { ...Answer } }
  }
`, [answer]);

const saved = graphql(`
  fragment Saved on Scenario @_unmask {
    id version name archivedAt
    values {
      day orders trucks { at orders bags lateByMinutes } lastTruckEarlierMinutes hands { squad from hands } carts cartBags settleMinutes
      heldBuildings { buildingId from until } liftsOut absentShare medicineShare coldShare firstComeFirstServed by seed replications compare
    }
  }
`);

/** What the page begins with. */
export const start = graphql(`
  query RehearsalStart($c: ID!) {
    scenarios(communityId: $c) { ...Saved }
    community(id: $c) { name code }
    board(communityId: $c) { at }
    buildings(communityId: $c, first: 200) { nodes { id code archivedAt } }
  }
`, [saved]);

export const save = graphql(`mutation SaveScenario($input: SaveScenarioInput!) { saveScenario(input: $input) { scenario { ...Saved } userErrors { message } } }`, [saved]);
export const archive = graphql(`mutation ArchiveScenario($input: ArchiveScenarioInput!) { archiveScenario(input: $input) { scenario { id } userErrors { message } } }`);

export const planDay = graphql(`
  mutation PlanDay($input: PlanDayInput!) {
    planDay(input: $input) { plan { day clearAtPlanned allBy chanceAllBy } userErrors { message reason } }
  }
`);

export type Answer = ResultOf<typeof answer>;
export type Comparison = ResultOf<typeof compare>['compareRehearsals'];
export type Saved = ResultOf<typeof saved>;
export type Start = ResultOf<typeof start>;
export type Input = VariablesOf<typeof rehearse>['scenario'];
