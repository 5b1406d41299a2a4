// The words of this face, added to those that every face says.
import { addWords } from "../words/words.ts";
import { board as en } from "../words/en/board.ts";
import { board as es } from "../words/es/board.ts";

addWords({ en, es });
