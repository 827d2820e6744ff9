import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { followAddress } from "./data/page-address.ts";
import { createPageState } from "./data/page-state.ts";
import { PageRoot } from "./page/page-root.tsx";
import { connectToWindow } from "./transport/electron.ts";
import { connectToDoor } from "./transport/http.ts";
import { showIn, wantedLanguage } from "./words/words.ts";

await showIn(wantedLanguage());
const connection = window.topdog ? connectToWindow(window.topdog) : connectToDoor();
const pageState = createPageState(connection);

connection.onOpen(pageState.places.open);
connection.ready();
followAddress(pageState);

const root = document.getElementById("page");
if (!root) throw new Error("index.html has no #page");
createRoot(root).render(
  <StrictMode>
    <PageRoot pageState={pageState} />
  </StrictMode>,
);
