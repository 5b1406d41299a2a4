// Serves the faces over the mock until stopped, to look at them in a browser of one's own: `npm run mock`, then /board, /wall or /desk.
import { makeBusy } from "./mock/busy.ts";
import { makeBusyDesk, offerTo } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";

const mock = await new Mock().listen(Number(process.env["PORT"] ?? 0));
makeBusy(mock.board);
makeBusyDesk(mock.desk);
setInterval(() => mock.desk.self.readiness === "available" && mock.desk.offers.length === 0 && offerTo(mock.desk), 30_000);
console.log(`${mock.url}/board  ${mock.url}/wall  ${mock.url}/desk`);
