// The words of this face, added to those that every face says.
import { addWords } from "../words/words.ts";
import { desk as en } from "../words/en/desk.ts";
import { desk as es } from "../words/es/desk.ts";

addWords({ en, es });
