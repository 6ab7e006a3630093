// Reads {language, zone, words, now, instants} and writes what the page before the app says of each instant.
import { readFileSync } from "node:fs";
import { timesIn } from "../../../assets/web/page/glance-words.js";

const { language, zone, words, now, instants } = JSON.parse(readFileSync(0, "utf8"));
const times = timesIn(language, zone, words, now);
console.log(JSON.stringify(instants.map((at) => [times.left(at), times.shortLeft(at), times.day(at), times.dayWithin(at)])));
