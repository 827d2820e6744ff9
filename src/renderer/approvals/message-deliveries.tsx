import type { ReactNode } from "react";
import { useDevices } from "../data/desk.ts";
import { fill, PhoneName } from "../parts/sentence.tsx";
import { timeOfDay } from "../parts/times.ts";
import { deviceNameOf, type MessageDelivery } from "./approval-words.ts";

interface MessageDeliveriesProps {
  readonly deliveries: readonly MessageDelivery[];
  readonly clockOffset: number;
}

/** With which phones a message is, as far as they said so. */
export function MessageDeliveries({ deliveries, clockOffset }: MessageDeliveriesProps): ReactNode {
  const devices = useDevices().data ?? [];
  return (
    <ul className="facts">
      {deliveries.map((delivery) => (
        <li key={`${delivery.user_id} ${delivery.device_id}`}>
          {fill(`approvals.way.${delivery.state}`, {
            name: <PhoneName name={deviceNameOf(devices, delivery)} />,
            time: delivery.at === undefined ? "" : <time dateTime={delivery.at}>{timeOfDay(Date.parse(delivery.at) - clockOffset)}</time>,
          })}
          {delivery.sms === undefined ? null : (
            <>
              {", "}
              {fill(`approvals.text.${delivery.sms.state}`, {
                name: <PhoneName name={deviceNameOf(devices, delivery)} />,
                problem: delivery.sms.problem ?? "",
              })}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
