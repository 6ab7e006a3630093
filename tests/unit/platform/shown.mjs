// Runs the page's module of notifications with what a browser would give it. Arguments: the module, what is shown (tags
// as JSON) and what is asked: [[question, given], …]. Prints the answers, and the tags that are left.
import { pathToFileURL } from "node:url";

const [module, tags, asked] = process.argv.slice(2);
let shown = JSON.parse(tags).map((tag) => ({ tag }));
for (const each of shown) each.close = () => { shown = shown.filter((other) => other !== each); };
const registration = {
  /** @param {{tag?: string}} [filter] */
  getNotifications: async ({ tag } = {}) => shown.filter((each) => tag === undefined || each.tag === tag),
  pushManager: {
    getSubscription: async () => ({ unsubscribe: async () => { throw new Error("The push service is out of reach."); } }),
  },
};
Object.defineProperty(globalThis, "navigator", {
  value: { serviceWorker: { ready: Promise.resolve(registration) } },
});
const { QUESTIONS } = await import(pathToFileURL(module).href);
const answers = [];
for (const [question, given] of JSON.parse(asked)) answers.push(await QUESTIONS[question](given));
console.log(JSON.stringify({ answers, left: shown.map(({ tag }) => tag) }));
