import type { ReactNode } from "react";
import { fill, PhoneName } from "../parts/sentence.tsx";
import { timeOfDay } from "../parts/times.ts";
import type { MessageDelivery } from "./approval-words.ts";

interface MessageDeliveriesProps {
  readonly deliveries: readonly MessageDelivery[];
  readonly clockOffset: number;
}

/** With which phones a message is, as far as they said so. */
export function MessageDeliveries({ deliveries, clockOffset }: MessageDeliveriesProps): ReactNode {
  return (
    <ul className="facts">
      {deliveries.map((delivery) => (
        <li key={`${delivery.user_id} ${delivery.device_id}`}>
          {fill(`approvals.way.${delivery.state}`, {
            name: <PhoneName name={delivery.device_name ?? delivery.device_id} />,
            time: delivery.at === undefined ? "" : <time dateTime={delivery.at}>{timeOfDay(Date.parse(delivery.at) - clockOffset)}</time>,
          })}
          {delivery.sms === undefined ? null : (
            <>
              {", "}
              {fill(`approvals.text.${delivery.sms.state}`, {
                name: <PhoneName name={delivery.device_name ?? delivery.device_id} />,
                problem: delivery.sms.problem ?? "",
              })}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
