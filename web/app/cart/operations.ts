import { graphql, type ResultOf } from '../shared/graphql';
import { why } from '../shared/why';

export const ready = graphql(`
  subscription CartReady($communityId: ID!) {
    readyBuildings(communityId: $communityId) { orders bags heavy cold oldestSince held bin { id code building { id code } } }
  }
`);
export type Ready = ResultOf<typeof ready>['readyBuildings'][number];

export const runs = graphql(`
  subscription CartRuns($communityId: ID!) {
    board(communityId: $communityId) { runs { id number state capacity bags volunteer { id } stops { building { id code } bagsLoaded bagsLeft } } }
  }
`);
export type Run = ResultOf<typeof runs>['board']['runs'][number];

/** What is sorted: in a bin, or without one on a cart. The newest events say who loaded it. */
export const sorted = graphql(`
  query CartOrders($communityId: ID!) {
    orders(communityId: $communityId, filter: { stages: [SORTED] }, orderBy: { field: STAGE_SINCE, direction: ASC }, first: 200) {
      nodes { id number label bags bagsIn held building { id } bin { id } history(last: 2) { kind by { id } } }
    }
  }
`);
export type Sorted = ResultOf<typeof sorted>['orders']['nodes'][number];

export const start = graphql(`
  mutation CartStart($input: StartRunInput!) {
    did: startRun(input: $input) { run { id number } userErrors { ...Why } }
  }
`, [why]);

export const load = graphql(`
  mutation CartLoad($input: LoadRunInput!) {
    did: loadRun(input: $input) { run { id } results { subjectId loaded remaining userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const depart = graphql(`
  mutation CartDepart($input: DepartRunInput!) {
    did: departRun(input: $input) { run { id state } userErrors { ...Why } }
  }
`, [why]);

export const drop = graphql(`
  mutation CartDrop($input: DropAtBuildingInput!) {
    did: dropAtBuilding(input: $input) { run { id } results { left userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const report = graphql(`
  mutation CartMissing($input: ReportIncidentsInput!) {
    did: reportIncidents(input: $input) { results { userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const finish = graphql(`
  mutation CartFinish($input: FinishRunInput!) {
    did: finishRun(input: $input) { run { id state } userErrors { ...Why } }
  }
`, [why]);
