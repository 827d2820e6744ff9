import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { messageOf } from "../../base/message-of.ts";
import { Skeleton } from "./skeleton.tsx";

/** The script of a part could not be loaded. The error boundary around the part shows this. */
export class NotLoadedError extends Error {
  override readonly name = "NotLoadedError";
}

/**
 * A part of the page whose script is fetched when it is first shown. Unlike `React.lazy`, it can be tried again after a failure,
 * and it appears as soon as it is loaded: React keeps a placeholder for 300 ms.
 */
export function onDemand<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => ReactNode {
  let loaded: ComponentType<P> | undefined;
  return function OnDemand(props) {
    const [, setArrived] = useState(false);
    const [failure, setFailure] = useState<NotLoadedError>();
    useEffect(() => {
      if (loaded) return;
      let shown = true;
      load().then(
        (part) => {
          loaded = part;
          if (shown) setArrived(true);
        },
        (cause: unknown) => {
          if (shown) setFailure(new NotLoadedError(messageOf(cause), { cause }));
        },
      );
      return () => {
        shown = false;
      };
    }, []);
    if (failure) throw failure;
    const Part = loaded;
    return Part ? <Part {...props} /> : <Placeholder />;
  };
}

function Placeholder(): ReactNode {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <Skeleton label={t("page.loading")} />
    </div>
  );
}
