import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createPageState, PageStateProvider } from "./data/page-state.ts";
import { Page } from "./page/page.tsx";
import { PageFrame } from "./page/page-frame.tsx";
import "./page.css";
import { Desktop } from "./desktop/desktop.tsx";
import { connectToWindow } from "./transport/electron.ts";
import { connectToDoor } from "./transport/http.ts";

const connection = window.topdog ? connectToWindow(window.topdog) : connectToDoor();
const pageState = createPageState(connection);

connection.onOpen(pageState.places.open);
connection.ready();

const place = document.getElementById("page");
if (!place) throw new Error("index.html has no #page");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={pageState.client}>
      <PageStateProvider value={pageState}>
        <PageFrame>
          <Desktop>
            <Page />
          </Desktop>
        </PageFrame>
      </PageStateProvider>
    </QueryClientProvider>
  </StrictMode>,
);
