import { Fragment, type ReactNode } from "react";
import type { Approval, MessageDelivery } from "../data/approval.ts";
import { fill, PhoneName } from "../parts/sentence.tsx";
import { timeOfDay } from "../parts/times.ts";

interface MessageDeliveriesProps {
  readonly deliveries: readonly MessageDelivery[];
  readonly clockOffset: number;
}

/** How far a message got: in each phone's inbox, and as a text message where one was sent. */
export function MessageDeliveries({ deliveries, clockOffset }: MessageDeliveriesProps): ReactNode {
  return (
    <ul className="facts">
      {deliveries.map(({ user_id, device_id, device_name = device_id, state, at, sms }) => {
        const name = <PhoneName name={device_name} />;
        const time = at === undefined ? "" : <time dateTime={at}>{timeOfDay(Date.parse(at) - clockOffset)}</time>;
        return (
          <Fragment key={`${user_id} ${device_id}`}>
            <li>{fill(`approvals.way.${state}`, { name, time })}</li>
            {sms === undefined ? null : <li>{fill(`approvals.text.${sms.state}`, { name, problem: sms.problem ?? "" })}</li>}
          </Fragment>
        );
      })}
    </ul>
  );
}

/** The requester, as the request names them. */
export function RequestedBy({ approval: { requested_by } }: { readonly approval: Approval }): ReactNode {
  return requested_by === undefined ? null : <span>{fill("approvals.by", { name: <bdi>{requested_by}</bdi> })}</span>;
}
